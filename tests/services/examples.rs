//! The example projects with services, deployed for real: their own recipes, with servers of a lab in place of those they
//! name, twice and back.

use std::fs;

use crate::docs::examples::{project, under_git};
use crate::support::host::{Host, WITH_PAM};
use crate::support::lab::{Lab, Suite};
use crate::support::repository::Repository;
use crate::support::scene::Scene;

/// A web server in one file, as a program that was built: it answers with what it was built from.
const SERVER: &str = r#"#!/usr/bin/ruby
require "socket"
version = File.read(File.join(__dir__, "..", "VERSION")).strip rescue "VERSION"
server = TCPServer.new("127.0.0.1", PORT)
loop do
  client = server.accept
  while (line = client.gets) && line != "\r\n"; end
  client.write("HTTP/1.1 200 OK\r\nContent-Length: #{version.bytesize}\r\nConnection: close\r\n\r\n#{version}")
  client.close
end
"#;

fn server(port: u16, version: &str) -> String {
    SERVER.replace("PORT", &port.to_string()).replace("\"VERSION\"\n", &format!("{version:?}\n"))
}

/// An example whose stage is this; the project is a repository itself.
fn example(name: &str, lab: &Lab, stage: &str) -> Scene {
    let scene = project(name).stage("production", stage).through(lab.through());
    under_git(&scene);
    scene
}

/// The folder of the application, which somebody with rights makes once on each server.
fn prepare(hosts: &[Host], name: &str, line: &str) {
    for host in hosts {
        host.sh(&format!("install -d -o deploy -g deploy /srv/{name}"));
        host.sh_as("deploy", &format!("cd /srv/{name} && {line}"));
    }
}

fn answer(host: &Host, port: u16) -> String {
    host.sh(&format!("curl --silent --show-error http://127.0.0.1:{port}/"))
}

fn answers(lab: &Lab, port: u16) -> Vec<String> {
    lab.hosts().iter().map(|host| answer(host, port)).collect()
}

fn servers(lab: &Lab, properties: [&str; 2]) -> String {
    lab.hosts()
        .iter()
        .zip(properties)
        .map(|(host, properties)| host.declared_with("deploy", WITH_PAM, properties))
        .collect()
}

#[test]
fn they_are_deployed_twice_and_taken_back() {
    let Some(lab) = Lab::start("examples", &[Suite::Bookworm, Suite::Bookworm]) else { return };
    binary(&lab);
    fleet(&lab);
    rails(&lab);
}

/// Built here, and run there.
fn binary(lab: &Lab) {
    let stage = servers(lab, ["roles: [\"app\"]"; 2]) + "set(\"build_command\", [\"sh\", \"build.sh\"]);\n";
    prepare(lab.hosts(), "api", "mkdir shared && echo GREETING=hello >shared/.env");
    let scene = example("binary", lab, &stage);
    let build = |version: &str| {
        let text =
            format!("mkdir -p target/release && cat >target/release/api <<'END'\n{}END\n", server(8080, version));
        fs::write(scene.path("build.sh"), text).unwrap();
    };
    build("one");
    scene.run(["production", "deploy"]).ok();
    assert_eq!(answers(lab, 8080), ["one", "one"]);
    build("two");
    scene.run(["production", "deploy"]).ok();
    assert_eq!(answers(lab, 8080), ["two", "two"]);
    scene.run(["production", "deploy:rollback"]).ok();
    assert_eq!(answers(lab, 8080), ["one", "one"]);
    let log = lab.host().sh("cat /srv/api/revisions.log");
    let commit = Repository::existing(&scene.path("")).git(&["rev-parse", "--short", "HEAD"]);
    assert!(log.contains(&format!("(at {commit}")), "{commit}: {log}");
}

/// One zone after the other, each server out of the balancer's list while it restarts.
fn fleet(lab: &Lab) {
    let repository = Repository::new(&lab.shared_folder().join("search"));
    let stage = servers(lab, ["roles: [\"web\"], zone: \"south\"", "roles: [\"web\"], zone: \"north\""]);
    let stage = format!("{stage}set(\"repo_url\", {:?});\nset(\"drain_seconds\", 1);\n", repository.url());
    prepare(lab.hosts(), "search", "true");
    let scene = example("fleet", lab, &stage);
    repository.commit("VERSION", "one\n");
    repository.commit("bin/search", &server(9200, ""));
    repository.git(&["update-index", "--chmod=+x", "bin/search"]);
    repository.git(&["commit", "--quiet", "-m", "a program"]);
    scene.run(["production", "deploy"]).ok();
    assert_eq!(answers(lab, 9200), ["one", "one"]);
    repository.git(&["checkout", "--quiet", "."]);
    repository.commit("VERSION", "two\n");
    let said = scene.run(["production", "deploy", "--format", "plain"]).ok().out();
    assert_eq!(answers(lab, 9200), ["two", "two"]);
    let touched: Vec<&str> = said.lines().filter(|line| line.contains("search:roll") && line.contains(" ✔ ")).collect();
    let first = |host: &str| touched.iter().position(|line| line.contains(host));
    assert!(first("host2") < first("host1"), "the north comes first: {touched:#?}");
    for host in lab.hosts() {
        assert_eq!(host.sh("ls /srv/search/shared"), "log", "it is back in the balancer's list");
    }
    scene.run(["production", "deploy:rollback"]).ok();
    assert_eq!(answers(lab, 9200), ["one", "one"]);
}

/// Puma and Sidekiq, with programs of Debian in place of gems of its own.
fn rails(lab: &Lab) {
    let host = lab.host();
    host.sh("systemctl start redis-server");
    let repository = Repository::new(&lab.shared_folder().join("shop"));
    repository.commit(
        "Gemfile",
        "source \"https://rubygems.org\"\ngem \"puma\"\ngem \"rack\"\ngem \"sd_notify\"\ngem \"sidekiq\"\n",
    );
    repository.commit("config/puma.rb", "workers 2\nthreads 1, 4\n");
    repository.commit("config/sidekiq.yml", ":concurrency: 2\n");
    repository.commit("worker.rb", "require \"sidekiq\"\n");
    repository.commit(
        "config.ru",
        "run lambda { |env| [200, { \"content-type\" => \"text/plain\" }, [File.read(File.join(__dir__, \"VERSION\"))]] }\n",
    );
    repository.commit("db/migrate/1_create_notes.rb", "# creates\n");
    repository.commit("bin/rails", "#!/bin/sh\necho \"rails $* $RAILS_ENV\" >>~/rails.calls\n");
    repository.git(&["update-index", "--chmod=+x", "bin/rails"]);
    repository.git(&["commit", "--quiet", "-m", "a program"]);
    repository.git(&["checkout", "--quiet", "."]);
    repository.commit("VERSION", "one");
    let stage = format!(
        "{}set(\"repo_url\", {:?});\nset(\"default_env\", || #{{ rails_env: fetch(\"rails_env\") }});\n\
         set(\"service_unit_env_vars\", || #{{ RAILS_ENV: fetch(\"rails_env\") }});\n\
         set(\"sidekiq_command_args\", \"-e production -r ./worker.rb\");\n",
        host.declared_with("deploy", WITH_PAM, "roles: [\"app\", \"web\", \"worker\", \"db\"]"),
        repository.url()
    );
    prepare(&lab.hosts()[..1], "shop", "mkdir -p shared/config && touch shared/config/master.key");
    let scene = example("rails", lab, &stage);
    scene.run(["production", "deploy"]).ok();
    assert_eq!(answer(host, 3000), "one");
    repository.commit("VERSION", "two");
    scene.run(["production", "deploy"]).ok();
    assert_eq!(answer(host, 3000), "two");
    scene.run(["production", "deploy:rollback"]).ok();
    assert_eq!(answer(host, 3000), "one");
    scene.run(["production", "puma:verify", "sidekiq:verify", "rails:run[stats]"]).ok();
    let calls = host.sh("cat ~deploy/rails.calls");
    let expected = ["assets:precompile", "db:migrate", "assets:precompile", "stats"];
    assert_eq!(calls.lines().collect::<Vec<_>>(), expected.map(|call| format!("rails {call} production")));
}
