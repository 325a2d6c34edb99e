//! `max_fail` and `only_hosts`: which hosts a run goes on with.

use crate::support::ran::Ran;
use crate::support::scene::Scene;

fn ran(body: &str, args: &[&str]) -> Ran {
    let args = ["--format", "json", "production", "t"].iter().chain(args);
    Scene::task(body).run(args)
}

fn error(body: &str) -> String {
    Scene::task(body).run(["production", "t"]).fails(2).error()
}

fn aside(ran: &Ran) -> Vec<String> {
    ran.all("host_set_aside").iter().map(|line| line["host"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_others_give_their_values_and_later_blocks_leave_the_host_out() {
    let body = r#"
        let r = on(roles("all"), #{ max_fail: 1 }, |host| {
            if host.name == "web1" { execute("false"); }
            host.name
        });
        info(`${r}`);
        info(`${on(roles("all"), |host| capture("echo", "hi"))}`);
        info(`${on("web1", |host| execute("echo", "never"))}`);
    "#;
    let ran = ran(body, &[]).fails(1);
    assert_eq!(ran.messages("info"), [r#"#{"db1": "db1", "web2": "web2"}"#, r#"#{"db1": "hi", "web2": "hi"}"#, "#{}"]);
    assert_eq!(ran.messages("debug"), ["skipped: every one of web1 was set aside"]);
    assert_eq!(ran.lines("web1"), ["false"]);
    assert_eq!(aside(&ran), ["web1"]);
    assert!(ran.all("failed").is_empty() && ran.all("fleet").is_empty());
}

#[test]
fn without_it_a_failure_is_an_error_as_ever() {
    let body = r#"on(roles("all"), |host| if host.name == "web1" { execute("false") });"#;
    let without = ran(body, &[]).fails(1);
    assert_eq!(without.failure()["message"], "`false` ended with status 1");
    assert_eq!(aside(&ran(body, &["--max-fail", "1"]).fails(1)), ["web1"]);
    // What the recipe says of one block is meant for that one.
    let strict = body.replace("\"all\"),", "\"all\"), #{ max_fail: 0 },");
    let ran = ran(&strict, &["--max-fail", "1"]).fails(1);
    assert_eq!(ran.failure()["message"], "`false` ended with status 1");
}

#[test]
fn the_setting_counts_for_every_block_and_the_option_hides_it() {
    let body = r#"set("max_fail", 1); on(roles("all"), |host| if host.name == "web1" { execute("false") });"#;
    assert_eq!(aside(&ran(body, &[]).fails(1)), ["web1"]);
    assert!(aside(&ran(body, &["--max-fail=0"]).fails(1)).is_empty());
    // A third of three hosts is one; a third of two selected ones is none.
    assert_eq!(aside(&ran(body, &["--max-fail=34%"]).fails(1)), ["web1"]);
    assert!(aside(&ran(body, &["--max-fail=34%", "-z", "web*"]).fails(1)).is_empty());
}

#[test]
fn a_sequence_goes_on_behind_a_host_that_may_fail() {
    let body = r#"
        on(roles("all"), #{ run: "sequence", max_fail: 1 }, |host| {
            execute("echo", host.name);
            if host.name == "web1" { execute("false"); }
        });
    "#;
    let ran = ran(body, &[]).fails(1);
    assert_eq!(ran.lines("db1"), ["echo db1"]);
    assert_eq!(aside(&ran), ["web1"]);
}

#[test]
fn what_the_recipe_wishes_is_no_failure_of_a_host() {
    let body = r#"on(roles("all"), #{ max_fail: 2 }, |host| if host.name == "web1" { exit(7) });"#;
    let ran = ran(body, &[]).fails(7);
    assert!(aside(&ran).is_empty());
}

#[test]
fn a_reason_holds_no_secret() {
    let body = r#"
        let key = secret("s3cr3t-key");
        on(roles("all"), #{ max_fail: 1 }, |host| if host.name == "web1" { fail("bad " + key) });
    "#;
    let ran = ran(body, &[]).fails(1);
    assert_eq!(ran.all("host_set_aside")[0]["reason"], "bad [secret]");
    assert!(!ran.stdout.contains("s3cr3t"), "{}", ran.stdout);
}

#[test]
fn what_cannot_be_meant_is_told() {
    let on = |options: &str| error(&format!("on(roles(\"all\"), {options}, |host| 1);"));
    let expected = "has to be a whole number of at least 0, or a part of the hosts such as \"20%\"";
    assert_eq!(on("#{ max_fail: -1 }"), format!("`max_fail` is `-1`, but {expected}"));
    assert_eq!(on("#{ max_fail: \"many\" }"), format!("`max_fail` is `many`, but {expected}"));
    assert_eq!(on("#{ max_fail: \"120%\" }"), "`max_fail` is `120%`, which is more than all hosts");
    assert_eq!(on("#{ maxfail: 1 }"), "`on` has no option `maxfail`");
    assert_eq!(error("set(\"max_fail\", true);"), format!("the setting `max_fail` is `true`, but {expected}"));
    let lazy = "set(\"max_fail\", || 0.5); on(roles(\"all\"), |host| 1);";
    assert_eq!(error(lazy), format!("the setting `max_fail` is `0.5`, but {expected}"));
}

#[test]
fn the_run_can_be_narrowed_to_some_hosts() {
    let body = r#"
        only_hosts(roles("app"));
        info(`${on(roles("all"), |host| 1)}`);
        only_hosts(["web2", "db1"]);
        info(`${on(roles("all"), |host| 1)}`);
        info(`${on("db1", |host| 1)}`);
    "#;
    let ran = ran(body, &[]).ok();
    assert_eq!(ran.messages("info"), [r#"#{"web1": 1, "web2": 1}"#, r#"#{"web2": 1}"#, "#{}"]);
    assert_eq!(ran.messages("debug"), ["skipped: every one of db1 is left out by `only_hosts`"]);
}

#[test]
fn narrowing_to_nothing_is_an_error() {
    assert_eq!(error("only_hosts([]);"), "`only_hosts` leaves no host");
    assert_eq!(error("only_hosts(\"web1\"); only_hosts(\"web2\");"), "`only_hosts` leaves no host");
    assert_eq!(error("on(\"web1\", |host| only_hosts(host));"), "`only_hosts` stands inside `on`");
}

#[test]
fn the_newest_release_among_names() {
    let body = r#"
        info(newest_release(["20200101000000", (), "current", "20210101000000", "zzz"]));
        info(`${newest_release([(), "x"])}`);
    "#;
    assert_eq!(ran(body, &[]).ok().messages("info"), ["20210101000000", ""]);
}
