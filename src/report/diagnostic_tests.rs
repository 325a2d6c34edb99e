use insta::assert_snapshot;

use super::*;
use crate::place::Place;
use crate::report::truncate::visible_width;

/// One file under the name `config/deploy.rhai`.
struct Text(&'static str);

impl Sources for Text {
    fn text(&self, file: &str) -> Option<Arc<str>> {
        (file == "config/deploy.rhai").then(|| self.0.into())
    }
}

const RECIPE: &str = "on(roles(\"app\"), |host| {\n    within(release_path(), || {\n        execute(\"bundle\", \"install\");\n    });\n});\n";
const PLAIN: Options = Options { color: false, width: 80 };

fn place(line: u32, column: u32) -> Place {
    Place::new("config/deploy.rhai", line, column)
}

fn bundle(stderr: &str) -> FailedCommand {
    FailedCommand {
        line: "cd /srv/app/releases/20261122093936 && bundle install".into(),
        status: Some(7),
        stderr: stderr.into(),
        ..FailedCommand::default()
    }
}

#[test]
fn everything_in_its_order() {
    let error = Error::new(Kind::Command, "`bundle install` ended with exit status 7")
        .at(Some(place(3, 9)))
        .on("deploy@web1")
        .command(bundle("Could not locate Gemfile\n  in /srv/app\n"))
        .through("task `bundler:install`", Some(place(1, 1)))
        .through("task `deploy`", Some(Place::new("stdlib/deploy.rhai", 10, 1)))
        .note("the release stays where it is")
        .help("commit the Gemfile")
        .help("or take `bundler` out of `config/deploy.rhai`\nif there are no gems")
        .because(Error::new(Kind::Io, "the disk is full"));
    assert_snapshot!(render(&error, &Text(RECIPE), PLAIN), @r#"
    error: `bundle install` ended with exit status 7
     --> config/deploy.rhai:3:9
      |
    3 |         execute("bundle", "install");
      |         ^^^^^^^
      |
      = host: deploy@web1
      = command: cd /srv/app/releases/20261122093936 && bundle install
      = result: exit status 7
      = stderr: Could not locate Gemfile
                  in /srv/app
      = trace: task `deploy` at stdlib/deploy.rhai:10:1
               task `bundler:install` at config/deploy.rhai:1:1
      = note: the release stays where it is
      = help: commit the Gemfile
      = help: or take `bundler` out of `config/deploy.rhai`
              if there are no gems

    caused by:
      error: the disk is full
    "#);
}

#[test]
fn hosts_that_failed_alike_are_told_once() {
    let failed = |host: &str, stderr: &str| {
        Error::new(Kind::Command, "`bundle install` ended with exit status 7")
            .at(Some(place(3, 9)))
            .on(host)
            .command(bundle(stderr))
    };
    let error = Error::new(Kind::Hosts, "3 of 4 hosts failed")
        .at(Some(place(1, 1)))
        .because(Error::new(Kind::Cancelled, "stopped because `web1` failed").on("web4"))
        .because(failed("web1", "Could not locate Gemfile"))
        .because(failed("web2", "Could not locate Gemfile"))
        .because(failed("web3", "No space left on device"))
        .help("run it again");
    assert_snapshot!(render(&error, &Text(RECIPE), PLAIN), @r#"
    error: 3 of 4 hosts failed
     --> config/deploy.rhai:1:1
      |
    1 | on(roles("app"), |host| {
      | ^^
      |
      = help: run it again

    on web1, web2, web3:
      error: `bundle install` ended with exit status 7
       --> config/deploy.rhai:3:9
        |
      3 |         execute("bundle", "install");
        |         ^^^^^^^
        |
        = command: cd /srv/app/releases/20261122093936 && bundle install
        = result: exit status 7
        = stderr on web1, web2: Could not locate Gemfile
        = stderr on web3: No space left on device

    on web4:
      cancelled: stopped because `web1` failed
    "#);
}

#[test]
fn different_failures_have_a_block_each() {
    let error = Error::new(Kind::Hosts, "2 hosts failed")
        .because(Error::new(Kind::Connection, "no route to host").on("web1").help("is it switched on?"))
        .because(Error::new(Kind::Signal, "`sleep 60` was killed").on("web2").command(FailedCommand {
            line: "sleep 60".into(),
            signal: Some("KILL".into()),
            ..FailedCommand::default()
        }));
    assert_snapshot!(render(&error, &NoSources, PLAIN), @r#"
    error: 2 hosts failed

    on web1:
      error: no route to host
       |
       = help: is it switched on?

    on web2:
      error: `sleep 60` was killed
       |
       = command: sleep 60
       = result: killed by SIGKILL
    "#);
}

#[test]
fn a_bare_message() {
    assert_eq!(render(&Error::usage("no stage is given"), &NoSources, PLAIN), "error: no stage is given\n");
}

#[test]
fn help_without_a_place() {
    let error = Error::usage("there is no task `deplyo`").help("did you mean `deploy`?");
    assert_snapshot!(render(&error, &NoSources, PLAIN), @r#"
    error: there is no task `deplyo`
     |
     = help: did you mean `deploy`?
    "#);
}

#[test]
fn a_place_without_its_text() {
    let shown = |place| render(&Error::recipe("x").at(Some(place)), &NoSources, PLAIN);
    assert_eq!(shown(place(3, 9)), "error: x\n--> config/deploy.rhai:3:9\n");
    assert_eq!(shown(place(3, 0)), "error: x\n--> config/deploy.rhai:3\n");
    assert_eq!(shown(place(0, 0)), "error: x\n--> config/deploy.rhai\n");
}

#[test]
fn a_line_the_file_no_longer_has() {
    let error = Error::recipe("x").at(Some(place(99, 1)));
    assert_eq!(render(&error, &Text(RECIPE), PLAIN), "error: x\n--> config/deploy.rhai:99:1\n");
}

#[test]
fn the_caret_stands_below_its_character() {
    let error = Error::recipe("unknown role `日本`").at(Some(place(1, 8))).width(4);
    assert_snapshot!(render(&error, &Text("\trôles(\"日本\", \"é\");\r\n"), PLAIN), @r#"
    error: unknown role `日本`
     --> config/deploy.rhai:1:8
      |
    1 |     rôles("日本", "é");
      |           ^^^^^^
    "#);
}

#[test]
fn the_caret_may_stand_behind_the_line() {
    let error = Error::recipe("`;` is missing").at(Some(place(1, 11)));
    assert_snapshot!(render(&error, &Text("let x = 10\nlet y = 2"), PLAIN), @r#"
    error: `;` is missing
     --> config/deploy.rhai:1:11
      |
    1 | let x = 10
      |           ^
    "#);
}

#[test]
fn a_whole_line_is_underlined() {
    assert_snapshot!(render(&Error::recipe("dead code").at(Some(place(2, 0))), &Text("{\n  let x = 1;  \n}"), PLAIN), @r#"
    error: dead code
     --> config/deploy.rhai:2:3
      |
    2 |   let x = 1;
      |   ^^^^^^^^^^
    "#);
}

#[test]
fn long_source_lines_are_shortened_around_the_place() {
    let text: &'static str = Box::leak(format!("set(\"{}\", boom(\"{}\"));", "a".repeat(300), "b".repeat(300)).into());
    let error = Error::recipe("unknown function `boom`").at(Some(place(1, 309)));
    assert_snapshot!(render(&error, &Text(text), PLAIN), @r#"
    error: unknown function `boom`
     --> config/deploy.rhai:1:309
      |
    1 | ...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", boom("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
      |                                     ^^^^
    "#);
    assert_snapshot!(render(&error, &Text(text), Options { width: 20, ..PLAIN }), @r#"
    error: unknown function `boom`
     --> config/deploy.rhai:1:309
      |
    1 | ...", boom("b...
      |       ^^^^
    "#);
    let unlimited = render(&error, &Text(text), Options { width: 0, ..PLAIN });
    assert!(unlimited.lines().all(|line| visible_width(line) <= UNLIMITED) && unlimited.contains(&"b".repeat(150)));
}

#[test]
fn cancelled_and_exit_are_short() {
    let command = FailedCommand { line: "sleep 60".into(), ..FailedCommand::default() };
    let cancelled = Error::new(Kind::Cancelled, "stopped by Ctrl-C")
        .on("web1")
        .command(command)
        .through("task `deploy`", None)
        .help("the lock is released; run it again");
    assert_snapshot!(render(&cancelled, &NoSources, PLAIN), @r#"
    cancelled: stopped by Ctrl-C
     |
     = host: web1
     = help: the lock is released; run it again
    "#);
    let exit =
        Error::new(Kind::Exit(3), "`exit` was called with 3").at(Some(place(3, 9))).through("task `deploy`", None);
    assert_snapshot!(render(&exit, &Text(RECIPE), PLAIN), @r#"
    stopped: `exit` was called with 3
    --> config/deploy.rhai:3:9
    "#);
}

#[test]
fn a_thrown_value_is_shown_unless_the_message_has_it() {
    let mut error = Error::new(Kind::Thrown, "the recipe stopped itself");
    error.parts_mut().thrown = Some("#{ code: 3 }".into());
    assert_snapshot!(render(&error, &NoSources, PLAIN), @r#"
    error: the recipe stopped itself
     |
     = thrown: #{ code: 3 }
    "#);
    error.parts_mut().message = "thrown: #{ code: 3 }".into();
    assert_eq!(render(&error, &NoSources, PLAIN), "error: thrown: #{ code: 3 }\n");
}

#[test]
fn endless_recursion_does_not_fill_the_screen() {
    let error =
        (0..40).fold(Error::recipe("too deep"), |error, n| error.through(format!("function `f{}`", 39 - n), None));
    assert_snapshot!(render(&error, &NoSources, PLAIN), @r#"
    error: too deep
     |
     = trace: function `f0`
              function `f1`
              function `f2`
              function `f3`
              … 28 steps more …
              function `f32`
              function `f33`
              function `f34`
              function `f35`
              function `f36`
              function `f37`
              function `f38`
              function `f39`
    "#);
}

#[test]
fn output_of_a_host_cannot_play_tricks() {
    let error =
        Error::new(Kind::Command, "x\u{1b}[2J").command(bundle("\u{1b}[31mred\u{1b}[0m\r50%\r100%\n\u{1b}]0;t\u{7}ok"));
    let text = render(&error, &NoSources, PLAIN);
    assert!(text.starts_with("error: x\n"), "{text}");
    assert!(text.ends_with(" = stderr: 100%\n           ok\n"), "{text}");
}

#[test]
fn colour_changes_no_letter() {
    let error =
        Error::new(Kind::Hosts, "1 host failed").because(Error::recipe("y").on("web1").at(Some(place(3, 9))).help("z"));
    let coloured = render(&error, &Text(RECIPE), Options { color: true, width: 80 });
    assert!(coloured.starts_with("\u{1b}[1m\u{1b}[91merror"), "{coloured:?}");
    let bare: Vec<String> = coloured.lines().map(|line| clean(line, Colours::Strip)).collect();
    assert_eq!(bare.join("\n") + "\n", render(&error, &Text(RECIPE), PLAIN));
}
