use super::*;
use crate::model::task_graph::{Definition, Graph};
use crate::place::Place;

fn define(graph: &mut Graph<()>, line: u32, name: &str, desc: Option<&str>, args: &[&str]) {
    graph.define(Definition {
        desc: desc.map(str::to_owned),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        ..Definition::new(name, Place::new("config/deploy.rhai", line, 1))
    });
}

fn sample() -> Tasks<()> {
    let mut graph = Graph::default();
    define(&mut graph, 1, "deploy", Some("Deploy a new release. Keeps the last 5."), &[]);
    define(&mut graph, 5, "db:dump", Some("Dump the database"), &["file", "host"]);
    define(&mut graph, 9, "deploy:check", Some("Check required files.\nThat is:\n\n  linked files"), &[]);
    define(&mut graph, 12, "deploy:check", Some("Check the key"), &[]);
    define(&mut graph, 20, "notify", None, &[]);
    let hook = |line| Place::new("stdlib/notify.rhai", line, 3);
    graph.before("deploy", "deploy:check", "", hook(2));
    graph.after("deploy", "notify", "", hook(3));
    graph.define(Definition { needs: vec!["db:dump[a,b]".to_owned()], ..Definition::new("deploy", hook(4)) });
    graph.finish().unwrap()
}

fn selection(pattern: &str, all: bool) -> Selection {
    Selection { pattern: Pattern::new(pattern), all }
}

#[test]
fn described_tasks_are_listed_by_name() {
    assert_eq!(
        tasks(&sample(), &selection("", false), None),
        "\
windlass db:dump[file,host]  # Dump the database
windlass deploy              # Deploy a new release
windlass deploy:check        # Check required files / Check the key
"
    );
}

#[test]
fn all_tasks_are_listed_on_request() {
    assert_eq!(
        tasks(&sample(), &selection("^[^d]|:dump", true), None),
        "\
windlass db:dump[file,host]  # Dump the database
windlass notify
"
    );
}

#[test]
fn lines_are_cut_off_at_the_width_of_the_terminal() {
    assert_eq!(
        tasks(&sample(), &selection("deploy", false), Some(46)),
        "\
windlass deploy        # Deploy a new release
windlass deploy:check  # Check required files…
"
    );
    assert_eq!(tasks(&sample(), &selection("deploy$", false), Some(24)), "windlass deploy  # Depl…\n");
}

/// Airbrussh 1.0.1: terminals that claim to be 0 columns wide.
#[test]
fn a_width_that_cannot_be_true_cuts_nothing() {
    let list = tasks(&sample(), &selection("deploy$", false), Some(0));
    assert_eq!(list, "windlass deploy  # Deploy a new release\n");
}

#[test]
fn wide_letters_count_as_two_columns() {
    assert_eq!(shortened("日本語日本語".to_owned(), 12), "日本語日本語");
    assert_eq!(shortened("日本語日本語".to_owned(), 8), "日本語…");
    assert_eq!(padded("日本", 6), "日本  ");
}

#[test]
fn nothing_selected_is_no_output() {
    assert_eq!(tasks(&sample(), &selection("nothing", true), None), "");
    assert_eq!(descriptions(&sample(), &selection("nothing", true)), "");
    assert_eq!(places(&sample(), &Pattern::new("nothing")), "");
    assert_eq!(prerequisites(&sample(), &Pattern::new("nothing")), "");
}

#[test]
fn whole_descriptions() {
    assert_eq!(
        descriptions(&sample(), &selection("check|notify", false)),
        "\
windlass deploy:check
    Check required files.
    That is:

      linked files
    Check the key

"
    );
    assert_eq!(descriptions(&sample(), &selection("notify", true)), "windlass notify\n\n");
}

#[test]
fn every_definition_with_its_line() {
    assert_eq!(
        places(&sample(), &Pattern::All),
        "\
windlass db:dump[file,host]  config/deploy.rhai:5
windlass deploy              config/deploy.rhai:1
windlass deploy              stdlib/notify.rhai:4
windlass deploy:check        config/deploy.rhai:9
windlass deploy:check        config/deploy.rhai:12
windlass notify              config/deploy.rhai:20
"
    );
}

#[test]
fn prerequisites_and_hooks_with_how_and_where() {
    assert_eq!(
        prerequisites(&sample(), &Pattern::new("deploy|notify")),
        "\
windlass deploy
    before deploy:check  stdlib/notify.rhai:2
    needs  db:dump[a,b]  stdlib/notify.rhai:4
    after  notify        stdlib/notify.rhai:3
windlass deploy:check
windlass notify
"
    );
}

#[test]
fn other_names_questions_and_files_are_shown() {
    let mut graph = Graph::default();
    let place = |line| Place::new("config/deploy.rhai", line, 1);
    let confirm = Some(Confirm { message: Message::Text("Really?".to_owned()), place: place(2) });
    let aliases = vec!["dd".to_owned()];
    graph.define(Definition {
        confirm,
        aliases,
        desc: Some("Drop it.".to_owned()),
        ..Definition::new("drop", place(1))
    });
    let confirm = Some(Confirm { message: Message::Made(()), place: place(4) });
    let (needs, file) = (vec!["x.erb".to_owned(), "drop".to_owned()], Some(String::new()));
    graph.define(Definition { needs, confirm, file, ..Definition::new("tmp/x", place(3)) });
    let made = graph.finish().unwrap();
    assert_eq!(tasks(&made, &selection("", false), None), "windlass drop  # Drop it (also dd)\n");
    assert_eq!(tasks(&made, &selection("^dd$", false), None), "windlass drop  # Drop it (also dd)\n");
    assert_eq!(
        descriptions(&made, &selection("", true)),
        "\
windlass drop
    Drop it.
    Also called dd.
    Asks first: Really?

windlass tmp/x
    Asks first

"
    );
    assert_eq!(
        prerequisites(&made, &Pattern::All),
        "\
windlass drop
    also   dd
    asks   Really?  config/deploy.rhai:2
windlass tmp/x
    asks            config/deploy.rhai:4
    file   x.erb    config/deploy.rhai:3
    needs  drop     config/deploy.rhai:3
"
    );
}

/// The cases of Rake's `Task#first_sentence`, and two that it gets wrong.
#[test]
fn a_sentence_ends_as_for_rake() {
    for (text, first) in [
        ("Deploy. Then more.", "Deploy"),
        ("Deploy.", "Deploy"),
        ("Deploy! Now", "Deploy"),
        ("Deploy!Now", "Deploy"),
        ("Deploy\nnow", "Deploy"),
        ("Keep 1.5 GB in deploy.rhai free", "Keep 1.5 GB in deploy.rhai free"),
        ("Wait ... then go. Done", "Wait ... then go"),
        ("Grüße an é. Ende", "Grüße an é"),
        ("Show it: logs[200]. Then go", "Show it: logs[200]"),
        ("Ask (once). Then go", "Ask (once)"),
        ("", ""),
    ] {
        assert_eq!(first_sentence(text), first);
    }
}
