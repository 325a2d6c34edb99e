//! What goes wrong in a stock deploy.

use crate::errors::catalogue::shows;
use crate::support::repository::Repository;
use crate::support::scene::Scene;

fn project(settings: &str) -> Scene {
    let scene = Scene::with("");
    let repository = Repository::new(&scene.top().join("repository"));
    repository.commit("app.txt", "one\n");
    let recipe = format!(
        "set(\"application\", \"shop\");\nset(\"repo_url\", \"{}\");\nset(\"branch\", \"main\");\n{settings}\n",
        repository.url()
    );
    scene.file("config/deploy.rhai", recipe)
}

#[test]
fn linked_file_that_is_missing() {
    let scene = project("append(\"linked_files\", \"config/database.yml\");");
    shows("linked_file_that_is_missing", &scene, &["production", "deploy"]);
}

#[test]
fn no_repository() {
    shows("no_repository", &project("set(\"repo_url\", ());"), &["production", "deploy"]);
}

#[test]
fn repository_that_is_not_there() {
    shows(
        "repository_that_is_not_there",
        &project("set(\"repo_url\", \"/no/such/repository\");"),
        &["production", "deploy"],
    );
}

#[test]
fn branch_that_is_not_there() {
    shows("branch_that_is_not_there", &project("set(\"branch\", \"mian\");"), &["production", "deploy"]);
}

#[test]
fn no_application() {
    let stage = "server(\"web1\", #{ transport: \"local\" });";
    let scene = project("delete(\"application\");").stage("production", stage);
    shows("no_application", &scene, &["production", "deploy"]);
}

#[test]
fn relative_deploy_to() {
    shows(
        "relative_deploy_to",
        &project("")
            .stage("production", "server(\"web1\", #{ transport: \"local\" });\nset(\"deploy_to\", \"srv/shop\");\n"),
        &["production", "deploy"],
    );
}

#[test]
fn linked_path_that_leads_out() {
    shows("linked_path_that_leads_out", &project("append(\"linked_dirs\", \"../../etc\");"), &["production", "deploy"]);
}

#[test]
fn rollback_without_a_release_before() {
    shows("rollback_without_a_release_before", &project(""), &["production", "deploy:rollback"]);
}

#[test]
fn rollback_to_a_release_that_is_not_there() {
    shows(
        "rollback_to_a_release_that_is_not_there",
        &project(""),
        &["production", "deploy:rollback", "ROLLBACK_RELEASE=20200101000000"],
    );
}

#[test]
fn hook_that_fails_after_the_switch_of_one_host() {
    let scene = project(
        "after(\"deploy:updated\", \"break\", || {\n    on(roles(\"web\"), |host| if host.name == \"web2\" { execute(\"rm\", \"-rf\", release_path()); });\n});",
    );
    shows("mixed_fleet", &scene, &["production", "deploy"]);
}

#[test]
fn deploy_while_frozen() {
    let scene = project("set(\"local_user\", \"tester\");");
    scene.run(["production", "lock:freeze[the database is moved]"]).ok();
    shows("deploy_while_frozen", &scene, &["production", "deploy"]);
}
