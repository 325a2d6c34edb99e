//! A Rack application on a host, deployed by windlass and run by the real Puma, and somebody who asks it without a break.

use std::collections::BTreeMap;
use std::fs;
use std::thread::{scope, sleep};
use std::time::Duration;

use crate::support::host::{Host, WITH_PAM};
use crate::support::lab::Lab;
use crate::support::ran::Ran;
use crate::support::repository::Repository;
use crate::support::scene::Scene;

/// Says its version to everybody, slowly enough to be in the middle of something; `/up` is well unless it is told not to be.
const CONFIG_RU: &str = r##"
version = File.read(File.join(__dir__, "VERSION")).strip
raise "told not to start" if version == "broken"
run lambda { |env|
  sleep 0.05
  status = env["PATH_INFO"] == "/up" && version == "unwell" ? 500 : 200
  [status, { "content-type" => "text/plain" }, ["#{version}\n"]]
}
"##;

/// Four threads that ask until a file is there, or two minutes are over. Prints how often there was which answer, and what
/// was no answer. As a proxy does, it asks again where a connection is closed before anything came back: a worker of Puma
/// that is told to end closes what it has accepted and not read yet, which was seen once on a busy machine.
const ASKS: &str = r##"
require "socket"
stop, started, target = ARGV
def ask(target)
  socket = target.start_with?("/") ? UNIXSocket.new(target) : TCPSocket.new("127.0.0.1", target.to_i)
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
  socket.read
ensure
  socket&.close
end
deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 120
answers = Queue.new
threads = 4.times.map do
  Thread.new do
    until File.exist?(stop) || Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      begin
        text = ask(target)
        text = ask(target) if text.empty?
        answers << (text.start_with?("HTTP/1.1 200") ? text.lines.last.strip : "no answer but #{text.inspect}")
      rescue SystemCallError => error
        answers << error.class.name
      end
      File.write(started, "") unless File.exist?(started)
    end
  end
end
threads.each(&:join)
count = Hash.new(0)
count[answers.pop] += 1 until answers.empty?
count.each { |answer, times| puts "#{times} #{answer}" }
"##;

/// An application of a user of its own.
pub struct App {
    lab: &'static Lab,
    scene: Scene,
    repository: Repository,
    /// Whose it is.
    pub user: &'static str,
    /// A port of the host, or the path of a socket.
    target: String,
}

impl App {
    /// One that is not yet deployed; its recipe ends with these lines. It is asked at this port or path.
    pub fn new(lab: &'static Lab, user: &'static str, target: &str, recipe: &str) -> Self {
        let host = lab.host();
        host.add_user(user);
        let repository = Repository::new(&lab.shared_folder().join(user));
        repository
            .commit("Gemfile", "source \"https://rubygems.org\"\ngem \"puma\"\ngem \"rack\"\ngem \"sd_notify\"\n");
        repository.commit("config/puma.rb", "workers 2\nthreads 1, 4\n");
        repository.commit("config.ru", CONFIG_RU);
        fs::write(lab.shared_folder().join(format!("{user}.rb")), ASKS).unwrap();
        let scene = Scene::new()
            .file(
                "config/deploy.rhai",
                format!(
                    "require(\"deploy\");\nrequire(\"git\");\nrequire(\"puma\");\nset(\"application\", \"{user}\");\n\
                     set(\"branch\", \"main\");\nset(\"repo_url\", {:?});\nset(\"deploy_to\", \"/home/{user}/app\");\n\
                     append(\"linked_dirs\", \"log\", \"tmp/sockets\");\n{recipe}",
                    repository.url()
                ),
            )
            .stage("production", &host.declared_with(user, WITH_PAM, "roles: [\"app\", \"web\"]"))
            .through(lab.through());
        Self { lab, scene, repository, user, target: target.to_owned() }
    }

    /// Where it runs.
    pub fn host(&self) -> &'static Host {
        self.lab.host()
    }

    /// Commits a version of it.
    pub fn version(&self, version: &str) {
        self.repository.commit("VERSION", &format!("{version}\n"));
    }

    /// Changes its recipe from here on: these lines stand behind all others.
    pub fn recipe(&self, lines: &str) {
        let text = self.scene.read("config/deploy.rhai");
        fs::write(self.scene.path("config/deploy.rhai"), format!("{text}\n{lines}\n")).unwrap();
    }

    /// Runs tasks of windlass.
    pub fn run(&self, tasks: &[&str]) -> Ran {
        self.scene.run(["production"].iter().chain(tasks))
    }

    /// Runs tasks while it is asked without a break; gives how often there was which answer.
    pub fn run_while_asked(&self, tasks: &[&str]) -> (Ran, BTreeMap<String, usize>) {
        let (host, user) = (self.host(), self.user);
        let (stop, started) = (format!("/home/{user}/stop"), format!("/home/{user}/started"));
        host.sh_as(user, &format!("rm -f {stop} {started}"));
        let script = self.lab.shared_folder().join(format!("{user}.rb"));
        scope(|scope| {
            let words = ["ruby", script.to_str().unwrap(), &stop, &started, &self.target];
            let asks = scope.spawn(move || host.as_user(user, &words));
            host.until(&format!("test -e {started} && echo yes"), "yes");
            let ran = self.run(tasks);
            // A moment longer, so that also what comes afterwards is asked.
            sleep(Duration::from_millis(500));
            host.sh_as(user, &format!("touch {stop}"));
            let asked = asks.join().unwrap();
            assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
            let answers = String::from_utf8_lossy(&asked.stdout).lines().map(counted).collect();
            (ran, answers)
        })
    }

    /// What it answers now.
    pub fn answer(&self) -> String {
        let place = if self.target.starts_with('/') {
            format!("--unix-socket {} http://localhost/", self.target)
        } else {
            format!("http://127.0.0.1:{}/", self.target)
        };
        self.host().sh(&format!("curl --silent --show-error {place}"))
    }

    /// What `systemctl --user` says.
    pub fn systemctl(&self, words: &str) -> String {
        self.host().sh_as(self.user, &format!("systemctl --user {words}"))
    }
}

fn counted(line: &str) -> (String, usize) {
    let (times, answer) = line.split_once(' ').unwrap();
    (answer.to_owned(), times.parse().unwrap())
}
