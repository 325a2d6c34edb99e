//! Hosts in namespaces, a task that hangs on all of them, and a look at what of it is left.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::faults::running::{Running, with_argument};
use crate::support::netns::Network;
use crate::support::node::{Node, OTHER};
use crate::support::scene::Scene;
use crate::support::sshd::signal;
use crate::support::tree::names_in;

/// How long a look may take before a test gives up. What is promised is 2 s; the rest is for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// The ways a command can run, one host each: its name, whether it is another user's, whether sudo gives it a terminal.
const WAYS: [(&str, bool, bool); 3] = [("own", false, false), ("sudo", true, false), ("pty", true, true)];

/// A tree of processes that have the mark as an argument. The first one heeds TERM; nothing of the second one does.
const TREES: [(&str, &str); 2] = [
    ("meek", "sh -c 'sleep 1000; :' MARK & sh -c 'sleep 1000; :' MARK; :"),
    ("stubborn", "trap '' TERM; sh -c 'while :; do sleep 1; done' MARK & sh -c 'while :; do sleep 1; done' MARK; :"),
];

/// Where a file goes that takes long.
const BIG: &str = "/srv/big";

/// How long it is, in bytes: some seconds for all hosts together.
const LENGTH: u64 = 600 * 1024 * 1024;

/// A project with the task `hang`, and its hosts: each way with each tree.
pub struct Lab {
    pub scene: Scene,
    pub nodes: Vec<Node>,
    network: Network,
    mark: String,
}

impl Lab {
    /// Starts it. None only where this machine cannot have it.
    pub fn start(test: &str) -> Option<Self> {
        let network = Network::start(test)?;
        let mut nodes = Vec::new();
        for (way, _, pty) in WAYS {
            for (tree, _) in TREES {
                let number = u8::try_from(nodes.len()).unwrap();
                nodes.push(network.node(number, &format!("{way}-{tree}"), pty));
            }
        }
        let scene = Scene::new();
        let mark = format!("mark-{}", scene.top().file_name().unwrap().display());
        let mut recipe = String::from("task(\"hang\", || on(roles(\"app\"), |host| switch host.name {\n");
        for (way, is_other, _) in WAYS {
            for (tree, line) in TREES {
                let execute = format!("execute({:?})", line.replace("MARK", &mark));
                let execute = if is_other { format!("as_user(\"{OTHER}\", || {execute})") } else { execute };
                recipe.push_str(&format!("    \"{way}-{tree}\" => {execute},\n"));
            }
        }
        recipe.push_str("}));\n");
        recipe.push_str(&format!(
            "fn slowly() {{ shield(|| batch(|| {{ execute(\"sleep\", \"1.5\"); \
             execute(\"sleep\", \"0.5\"); execute(\"touch\", \"/srv/done\"); }})); execute(\"touch\", \"/srv/next\"); }}\n\
             task(\"shielded\", || on(roles(\"app\"), |host| {{\n\
                 if host.name.starts_with(\"own\") {{ slowly() }} else {{ as_user(\"{OTHER}\", || slowly()) }}\n\
             }}));\n"
        ));
        recipe.push_str(&format!(
            "task(\"upload\", #{{ args: [\"resume\"] }}, |args| on(roles(\"app\"), |host| {{\n\
                 let how = #{{ resume: args.resume == \"true\" }};\n\
                 if host.name.starts_with(\"own\") {{ upload(\"big\", \"{BIG}\", how) }}\n\
                 else {{ as_user(\"{OTHER}\", || upload(\"big\", \"{BIG}\", how)) }}\n\
             }}));\n"
        ));
        let options = "keepalive: true, keepalive_interval: 1, keepalive_maxcount: 3";
        let stage: String = nodes.iter().map(|node| node.declared(options)).collect();
        let run = scene.top().join("run");
        fs::create_dir(&run).unwrap();
        let scene = scene
            .file("config/deploy.rhai", recipe)
            .stage("production", &stage)
            .env("XDG_RUNTIME_DIR", &run.display().to_string())
            .through(network.through());
        Some(Self { scene, nodes, network, mark })
    }

    /// Runs the task until it hangs everywhere.
    pub fn hang(&self) -> Running {
        let mut run = Running::start(&self.scene, &["production", "hang"]);
        run.until("the trees stand", || self.nodes.iter().all(|node| self.tree(node).len() == 2));
        run
    }

    /// Runs the task with the shielded commands until the first of these runs everywhere.
    pub fn shielded(&self) -> Running {
        for node in &self.nodes {
            for name in ["/srv/done", "/srv/next"] {
                fs::remove_file(node.path(name)).ok();
            }
        }
        let sleeps = |node: &Node| node.processes().iter().any(|line| line.ends_with(" sleep 1.5"));
        let mut run = Running::start(&self.scene, &["production", "shielded"]);
        let mut begun = vec![false; self.nodes.len()];
        run.until("the shielded commands run", || {
            for (node, begun) in self.nodes.iter().zip(&mut begun) {
                *begun = *begun || sleeps(node);
            }
            !begun.contains(&false)
        });
        run
    }

    /// Begins to upload the file, until there is a part of it everywhere. With `resumes` that part may stay.
    pub fn half_uploaded(&self, resumes: bool) -> Running {
        // All holes: it takes no room here.
        fs::File::create(self.scene.path("big")).unwrap().set_len(LENGTH).unwrap();
        let mut run = Running::start(&self.scene, &["production", &format!("upload[{resumes}]")]);
        run.until("a part of the file is everywhere", || {
            self.nodes.iter().all(|node| !names_in(&node.path("/srv")).is_empty())
        });
        for node in &self.nodes {
            assert!(!node.path(BIG).exists(), "the file is whole on {} already: make it longer", node.name());
        }
        run
    }

    /// Asserts that nothing of the file is on any host.
    #[track_caller]
    pub fn no_half_file_is_left(&self, cause: &str) {
        for node in &self.nodes {
            assert_eq!(names_in(&node.path("/srv")), [""; 0], "{cause}: {}", node.name());
        }
    }

    /// Asserts that of the file a part is on every host, for whoever wrote it alone, and nothing else; and takes it away.
    #[track_caller]
    pub fn a_part_is_left(&self, cause: &str) {
        for node in &self.nodes {
            assert_eq!(names_in(&node.path("/srv")), [".big.windlass-part"], "{cause}: {}", node.name());
            let part = node.path("/srv/.big.windlass-part");
            assert_eq!(fs::metadata(&part).unwrap().permissions().mode() & 0o7777, 0o600, "{cause}: {}", node.name());
            fs::remove_file(part).unwrap();
        }
    }

    /// Pulls the cables of all hosts.
    pub fn cut(&self) {
        for node in &self.nodes {
            self.network.cut(node);
        }
    }

    /// Puts them back.
    pub fn mend(&self) {
        for node in &self.nodes {
            self.network.mend(node);
        }
    }

    /// The masters of ssh: this run's, because their sockets are in its folder.
    pub fn masters(&self) -> Vec<u32> {
        let found = with_argument(&self.scene.top().join("run").display().to_string());
        found.iter().map(|line| line.rsplit_once(' ').unwrap().1.parse().unwrap()).collect()
    }

    /// Asserts that nothing of the run is left on any host, and says how long that took on the slowest one.
    ///
    /// Time counts from the moment the watchdog can know: now, or when sshd has given up the connection.
    #[track_caller]
    pub fn nothing_is_left(&self, cause: &str, sshd_has_to_notice: bool) {
        let since = Instant::now();
        let mut known: Vec<Option<Duration>> = vec![None; self.nodes.len()];
        let mut gone = known.clone();
        while gone.contains(&None) {
            for (i, node) in self.nodes.iter().enumerate() {
                if known[i].is_none() && (!sshd_has_to_notice || node.sessions().is_empty()) {
                    known[i] = Some(since.elapsed());
                }
                if gone[i].is_none() && node.processes().is_empty() {
                    gone[i] = Some(since.elapsed());
                }
            }
            let late = |at: &Option<Duration>| since.elapsed() > at.unwrap_or_default() + PATIENCE;
            if let Some(i) = (0..gone.len()).find(|i| gone[*i].is_none() && late(&known[*i])) {
                panic!(
                    "{cause}: still on {} after {:?}: {:#?}\n{}",
                    self.nodes[i].name(),
                    since.elapsed(),
                    self.nodes[i].processes(),
                    self.nodes[i].log()
                );
            }
            sleep(Duration::from_millis(10));
        }
        for (i, node) in self.nodes.iter().enumerate() {
            let (known, gone) = (known[i].unwrap_or(gone[i].unwrap()), gone[i].unwrap());
            println!("{cause}: {} known after {known:.1?}, gone {:.1?} later", node.name(), gone.saturating_sub(known));
        }
    }

    /// The lines that hang, as they are told.
    pub fn lines(&self) -> Vec<String> {
        TREES.map(|(_, line)| line.replace("MARK", &self.mark)).into()
    }

    /// Ends the masters that a killed windlass has left.
    pub fn end_masters(&self) {
        for pid in self.masters() {
            signal(pid, Signal::TERM);
        }
        let until = Instant::now() + Duration::from_secs(2);
        while !self.masters().is_empty() && Instant::now() < until {
            sleep(Duration::from_millis(10));
        }
    }

    /// Kills the masters, as when memory runs out.
    pub fn kill_masters(&self) {
        for pid in self.masters() {
            signal(pid, Signal::KILL);
        }
    }

    fn tree(&self, node: &Node) -> Vec<String> {
        node.processes().into_iter().filter(|line| line.ends_with(&format!(" {}", self.mark))).collect()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A windlass that was killed leaves them for a minute.
        self.end_masters();
    }
}
