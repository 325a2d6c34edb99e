//! Every recipe in the README loads, and every task in it makes a dry run.

use crate::docs::project::Project;
use crate::docs::readme;

/// Tasks that stand in a file, from `windlass -W`.
fn tasks_in(project: &Project, file: &str) -> Vec<String> {
    let list = project.windlass("-W");
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next() == Some("windlass") && line.contains(file)).then(|| words.next().unwrap_or_default().to_owned())
    };
    list.lines().filter_map(line).collect()
}

#[test]
fn the_example_project_is_planned_and_dry_run() {
    let project = Project::new();
    let plan = project.windlass("production deploy --plan");
    for task in ["after app:migrate", "after app:restart", "deploy:symlink:release"] {
        assert!(plan.contains(task), "{task} is not in the plan:\n{plan}");
    }
    let dry = project.windlass("production deploy --dry-run");
    assert!(dry.contains("bin/migrate"), "{dry}");
    assert!(dry.contains("nothing was changed"), "{dry}");
    assert!(!project.path("servers").exists());
    assert_eq!(tasks_in(&project, "config/deploy.rhai"), ["app:migrate", "app:restart"]);
}

#[test]
fn every_other_recipe_loads_and_its_tasks_make_a_dry_run() {
    let snippets: Vec<_> =
        readme::blocks("rhai").into_iter().filter(|block| !block.text.starts_with("// config/")).collect();
    assert_eq!(snippets.len(), 12, "the README has other recipes than this test knows of");
    for snippet in snippets {
        let project = Project::new();
        let file = format!("readme_line_{}.rhai", snippet.line);
        project.write(&format!("project/config/deploy/tasks/{file}"), &snippet.text);
        // What the recipe of files copies.
        project.write("project/config/deploy/templates/app.conf", "port {{ port }}\n");
        project.write("project/public/assets/app.js", "");
        project.write("project/config/shop.nginx", "");
        project.write("project/config/app.conf.in", "");
        let tasks = tasks_in(&project, &file);
        assert!(!tasks.is_empty(), "line {} of the README declares no task", snippet.line);
        for task in tasks {
            let dry = project.windlass(&format!("production {task} --dry-run"));
            assert!(dry.contains("nothing was changed"), "{task}: {dry}");
        }
    }
}

#[test]
fn what_the_recipes_say_they_do_they_do() {
    let project = Project::new();
    for (number, snippet) in
        readme::blocks("rhai").iter().filter(|block| !block.text.starts_with("// config/")).enumerate()
    {
        project.write(&format!("project/config/deploy/tasks/{number}.rhai"), &snippet.text);
    }
    project.write("servers/web1.example.com/shared/log/access.log", "one\ntwo\n");
    let tail = project.windlass("production 'log:tail[access.log,1]' -z web1.example.com");
    assert!(tail.contains("two") && !tail.contains("one\n"), "{tail}");
    let facts = project.windlass("production facts");
    assert_eq!(facts.matches("\"kernel\": ").count(), 3, "{facts}");
    project.windlass("production swap -z web1.example.com");
    assert!(project.path("servers/web1.example.com/shared/queue/ready").exists());
    project.windlass("production ship -z web1.example.com");
    assert!(project.path("servers/web1.example.com/shared/build/ready").exists());
    let look = project.windlass("production look -z web1.example.com");
    assert!(look.contains(", queue true, Linux "), "{look}");
}

#[test]
fn the_stages_with_many_servers_are_declared() {
    let project = Project::new();
    for stage in ["staging", "fleet"] {
        let file = format!("config/deploy/{stage}.rhai");
        let blocks = readme::blocks("rhai");
        let block = blocks.iter().find(|block| block.text.starts_with(&format!("// {file}\n")));
        project.write(&format!("project/{file}"), &block.expect("the README has this stage").text);
    }
    project.write("project/config/hosts", "[web]\nweb[1:3].example.com\n");
    let count =
        "task(\"count\", || { info(`${roles(\"all\").len} hosts, ${roles(\"web\").len} with the role web`); });";
    project.write("project/config/deploy/tasks/count.rhai", count);
    let told = project.windlass("staging count");
    assert!(told.contains("24 hosts, 20 with the role web"), "{told}");
    // Nobody is asked in a dry run, so only the file is known.
    let told = project.windlass("fleet count --dry-run INVENTORY_TOKEN=x");
    assert!(told.contains("3 hosts, 3 with the role web"), "{told}");
}
