//! Functions of other files, settings of a server, templates: what services are built of, for recipes of one's own.

use crate::support::scene::{Scene, THREE_HOSTS};

#[test]
fn functions_of_a_required_file_can_be_called_unless_they_are_private() {
    let lib = "fn greet(name) { shout(`hello ${name}`) }\nprivate fn shout(text) { text.to_upper() }\n";
    let scene = Scene::with(
        "require(\"../lib/words\");\ntask(\"t\", || { info(greet(\"you\")); each(|word| info(greet(word))); });",
    )
    .file("lib/words.rhai", format!("{lib}fn each(block) {{ for word in [\"a\", \"b\"] {{ block.call(word); }} }}\n"));
    assert_eq!(scene.said(["production", "t"]), ["HELLO YOU", "HELLO A", "HELLO B"]);
    let scene =
        Scene::with("require(\"../lib/words\");\ntask(\"t\", || info(shout(\"x\")));").file("lib/words.rhai", lib);
    let error = scene.run(["production", "t"]).fails(2).error();
    assert!(error.contains("there is no function `shout`"), "{error}");
}

/// Rhai lends the variable itself where it is the first argument, and what takes it over leaves `()` behind.
#[test]
fn a_variable_that_is_given_to_them_keeps_its_value() {
    let scene = Scene::with(
        "require(\"../lib/words\");\ntask(\"t\", || { let word = \"a\"; let list = [1, 2]; info(same(word)); \
         info(both(word, list)); info(both(word, list)); list.push(3); info(both(list, word)); info(`${list} ${word}`); });",
    )
    .file(
        "lib/words.rhai",
        "fn same(word) { let said = both(word, 0); word += \"!\"; said }\nfn both(one, two) { other(one); `${one} ${two}` }\n\
         fn other(one) { one = 0; }\n",
    );
    assert_eq!(scene.said(["production", "t"]), ["a 0", "a [1, 2]", "a [1, 2]", "[1, 2, 3] a", "[1, 2, 3] a"]);
}

#[test]
fn what_is_handed_to_them_stays_what_it_was() {
    let scene = Scene::with(
        "require(\"../lib/words\");\n\
         fn own(word) { greet(word); greet(word); shown(word); word }\n\
         task(\"t\", || { let a = \"a\"; let list = [1]; greet(a); grown(list); info(`${a} ${list} ${own(a)} ${a}`); });",
    )
    .file(
        "lib/words.rhai",
        "fn greet(name) { shown(name); shown(name) }\nfn shown(name) { let said = `hello ${name}`; name = \"\"; said }\n\
         fn grown(list) { list.push(2); list }\n",
    );
    assert_eq!(scene.said(["production", "t"]), ["a [1] a a"]);
}

#[test]
fn who_calls_them_keeps_what_was_given_to_them() {
    let lib = "fn longer(text) { text += \"!\"; text }\nfn more(list) { list.push(2); list }\n";
    let body = "let text = \"a\"; let list = [1]; info(longer(text)); info(longer(text)); info(more(list)); info(list); \
                let each = || longer(text); info(each.call()); info(text);";
    let recipe = format!("require(\"../lib/words\");\ntask(\"t\", || {{ {body} }});");
    let said = Scene::with(&recipe).file("lib/words.rhai", lib).said(["production", "t"]);
    assert_eq!(said, ["a!", "a!", "[1, 2]", "[1]", "a!", "a"]);
}

#[test]
fn functions_of_a_recipe_that_are_called_like_those_of_stock_recipes_do_not_replace_them() {
    let recipe = "require(\"service\");\nset(\"application\", \"shop\");\nset(\"service_unit_user\", \"user\");\n\
                  service(\"jobs\", #{ command: \"bin/jobs\" });\n\
                  fn service_text(name, instance) { `mine of ${name}` }\n\
                  task(\"t\", || info(service_text(\"jobs\", #{})));";
    let scene = Scene::with(recipe);
    assert_eq!(scene.said(["production", "t"]), ["mine of jobs"]);
    let units = scene.said(["production", "jobs:render", "-z", "web1"]);
    assert!(units[0].contains("ExecStart="), "{units:?}");
}

#[test]
fn on_a_host_they_know_the_host() {
    let scene = Scene::with("require(\"../lib/where\");\ntask(\"t\", || on(roles(\"web\"), |host| info(here())));")
        .file("lib/where.rhai", "fn here() { `on ${current_host()}` }\n")
        .stage("production", "server(\"web1\", #{ roles: [\"web\"], transport: \"local\" });");
    assert_eq!(scene.said(["production", "t"]), ["on web1"]);
}

#[test]
fn a_property_of_a_server_takes_the_place_of_a_setting_on_that_server() {
    let servers = "server(\"a\", #{ roles: [\"app\"], transport: \"local\", count: 3, tags: [\"x\"] });\n\
                   server(\"b\", #{ roles: [\"app\"], transport: \"local\" });";
    let scene = Scene::with(
        "set(\"count\", 1);\nset(\"twice\", || fetch(\"count\") * 2);\n\
         task(\"t\", || { on(roles(\"app\"), #{ run: \"sequence\" }, |host| info(`${host} ${fetch(\"count\")} ${fetch(\"twice\")} ${any(\"tags\")}`)); \
         info(`${fetch(\"count\")}`); append(\"count\", 2); info(`${fetch(\"count\")}`); });",
    )
    .stage("production", servers);
    assert_eq!(scene.said(["production", "t"]), ["a 3 6 true", "b 1 2 false", "1", "[1, 2]"]);
}

#[test]
fn a_property_is_held_to_the_rule_of_its_setting() {
    let scene = Scene::with("task(\"t\", || on(roles(\"app\"), |host| info(`${fetch(\"keep_releases\")}`)));")
        .stage("production", "server(\"a\", #{ roles: [\"app\"], transport: \"local\", keep_releases: 0 });");
    let error = scene.run(["production", "t"]).fails(2).error();
    assert!(error.contains("`keep_releases` is `0`"), "{error}");
}

#[test]
fn a_template_of_the_project_comes_before_that_of_windlass_and_the_closest_first() {
    let scene = Scene::with(
        "task(\"t\", || { info(template(\"motd\", #{ name: \"all\" })); \
         on(roles(\"web\"), #{ run: \"sequence\" }, |host| info(template(\"motd\", #{ name: `${host}` }))); });",
    )
    .stage("production", THREE_HOSTS)
    .file("config/deploy/templates/motd", "hello {{ name }}\n")
    .file("config/deploy/templates/motd-web1", "first {{ name }}\n");
    let said = scene.said(["production", "t"]);
    assert_eq!(said[0].trim_end(), "hello all");
    assert!(said[1..].iter().any(|line| line.trim_end() == "first web1"), "{said:?}");
    assert!(said[1..].iter().all(|line| line.starts_with("first web1") || line.starts_with("hello ")), "{said:?}");
}

#[test]
fn what_a_template_was_not_given_is_told_with_its_line() {
    let scene = Scene::task("info(template(\"motd\", #{ name: \"x\" }));")
        .file("config/deploy/templates/motd", "one\n{{ nmae }}\n");
    let error = scene.run(["production", "t"]).fails(2).stderr;
    assert!(
        error.contains("the template config/deploy/templates/motd uses a name that was not given to it"),
        "{error}"
    );
    assert!(error.contains("config/deploy/templates/motd:2") && error.contains("it was given `name`"), "{error}");
}

#[test]
fn variables_of_a_unit_are_quoted_and_secrets_stay_secret() {
    let scene = Scene::task(
        "info(`${unit_environment(#{ A: \"b c%\", N: 3 })}`); info(`${unit_environment([\"X=1\"])}`); \
         info(`${unit_environment(#{ T: secret(\"hush\") })}`);",
    );
    assert_eq!(scene.said(["production", "t"]), [r#"["\"A=b c%%\"", "\"N=3\""]"#, r#"["\"X=1\""]"#, r#"["[secret]"]"#]);
}
