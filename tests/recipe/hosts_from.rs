//! `hosts_from`: servers from a command, a file or an address, and what is kept of them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::scene::Scene;

/// A project whose stage has these lines, and whose task tells its hosts.
fn scene(stage: &str) -> Scene {
    let body = "for h in roles(\"all\") { info(`${h.user ?? \"-\"} ${h} ${h.roles} ${h.properties}`); }";
    Scene::task(body).stage("production", stage)
}

fn said(scene: &Scene) -> Vec<String> {
    scene.said(["production", "t"])
}

#[test]
fn a_command_prints_lines() {
    let scene = scene("hosts_from(#{ command: \"hosts --all\", roles: [\"app\"], properties: #{ zone: \"a\" } });")
        .program("hosts", "echo \"me@web[01:02] roles=web\"; echo \"db1 zone=b # $1\"");
    assert_eq!(
        said(&scene),
        [
            r#"me web01 ["app", "web"] #{"zone": "a"}"#,
            r#"me web02 ["app", "web"] #{"zone": "a"}"#,
            r#"- db1 ["app"] #{"zone": "b"}"#,
        ]
    );
}

#[test]
fn a_command_may_be_a_list_of_words_and_print_json() {
    let scene = scene("info(hosts_from(#{ command: [\"hosts\", \"a b\"] }).map(|h| h.name));").program(
        "hosts",
        "printf '[\"%s\", {\"host\": \"db1:2222\", \"roles\": [\"db\"], \"primary\": true}]' \"web-${1%% *}\"",
    );
    assert_eq!(said(&scene), [r#"["web-a", "db1"]"#, "- web-a [] #{}", r#"- db1:2222 ["db"] #{"primary": true}"#]);
}

#[test]
fn a_file_is_taken_from_the_project_also_in_a_dry_run() {
    let scene = scene("hosts_from(#{ file: \"config/hosts\" });").file("config/hosts", "[web]\nweb1\n[db]\ndb1\n");
    let hosts = [r#"- web1 ["web"] #{}"#, r#"- db1 ["db"] #{}"#];
    assert_eq!(said(&scene), hosts);
    assert_eq!(scene.said(["production", "t", "-n"]), hosts);
    let ran = scene.file("config/hosts", "web1\nweb2 =\n").run(["production", "t"]).fails(2);
    assert_eq!(ran.error(), "`=` in line 2 is no property");
    assert!(ran.err().contains("it came from `config/hosts`"), "{}", ran.err());
}

#[test]
fn a_closure_takes_other_forms_apart() {
    let stage = "hosts_from(#{ command: \"hosts\", read: |text| parse_json(text).nodes.map(|n| #{ host: n.addr, roles: n.tags }) });";
    let scene = scene(stage).program("hosts", "echo '{\"nodes\": [{\"addr\": \"10.0.0.1\", \"tags\": [\"web\"]}]}'");
    assert_eq!(said(&scene), [r#"- 10.0.0.1 ["web"] #{}"#]);
}

#[test]
fn what_cannot_be_a_server_is_told_with_its_entry() {
    for (lines, message, note) in [
        ("web1\nweb$2", "the host `web$2` holds a `$`", "it is line 2 of `hosts`"),
        ("web1 port=no", "`port` of a server cannot be `\"no\"`", "it is line 1 of `hosts`"),
        ("web[1:99999]", "`web[1:99999]` stands for 99999 hosts, more than 10000", "it is line 1 of `hosts`"),
        ("", "there is no host in what `hosts` gives", "leave the call out"),
    ] {
        let scene = scene("hosts_from(#{ command: \"hosts\" });").program("hosts", &format!("printf '%s' '{lines}'"));
        let ran = scene.run(["production", "t"]).fails(2);
        assert_eq!(ran.error(), message);
        assert!(ran.err().contains(note), "{}", ran.err());
    }
}

#[test]
fn options_that_make_no_sense_are_told() {
    for (call, message) in [
        ("hosts_from(#{})", "`hosts_from` takes one of `command`, `file` and `url`"),
        ("hosts_from(#{ command: \"a\", file: \"b\" })", "`hosts_from` takes one of `command`, `file` and `url`"),
        ("hosts_from(#{ comand: \"a\" })", "`hosts_from` has no option `comand`"),
        (
            "hosts_from(\"bin/hosts\")",
            "`hosts_from` expects where to ask as a map such as `#{ command: \"bin/hosts\" }`, and got a string",
        ),
        (
            "hosts_from(#{ url: \"file:///etc/passwd\" })",
            "`file:///etc/passwd` is no address that `hosts_from` can ask",
        ),
        ("hosts_from(#{ command: \"a\", headers: #{} })", "`headers` of `hosts_from` go with `url`, and there is none"),
        (
            "hosts_from(#{ command: \"a\", ttl: \"soon\" })",
            "`soon` is no length of time: write a number of seconds, or a text such as \"90s\", \"5m\" or \"1h30m\"",
        ),
        ("hosts_from(#{ file: \"none\" })", "could not read `none`: no such file or directory"),
    ] {
        let ran = scene(&format!("{call};")).run(["production", "t"]).fails(2);
        assert_eq!(ran.error(), message);
    }
}

/// A source that counts how often it is asked, and fails while `broken` is there.
fn counted(options: &str) -> Scene {
    let script = "echo . >> \"$HOME/asked\"; [ ! -e \"$HOME/broken\" ] || { echo no database >&2; exit 3; }; echo \"web$(wc -l < \"$HOME/asked\")\"";
    scene(&format!("hosts_from(#{{ command: \"hosts\" {options} }});")).program("hosts", script)
}

fn asked(scene: &Scene) -> usize {
    std::fs::read_to_string(scene.top().join("home/asked")).unwrap_or_default().lines().count()
}

#[test]
fn a_source_is_asked_each_time_unless_its_answer_is_young_enough() {
    let each = counted("");
    assert_eq!((said(&each), said(&each)), (vec!["- web1 [] #{}".to_owned()], vec!["- web2 [] #{}".to_owned()]));
    let kept = counted(", ttl: \"1h\"");
    assert_eq!(
        (said(&kept), said(&kept), asked(&kept)),
        (vec!["- web1 [] #{}".to_owned()], vec!["- web1 [] #{}".to_owned()], 1)
    );
    let old = kept.stage("production", "hosts_from(#{ command: \"hosts\", ttl: 0 });");
    assert_eq!((said(&old), asked(&old)), (vec!["- web2 [] #{}".to_owned()], 2));
}

#[test]
fn an_older_answer_is_used_with_a_warning_when_the_source_fails() {
    let scene = counted("").home_file("broken", "");
    let ran = scene.run(["production", "t"]);
    assert!(ran.code != 0 && ran.err().contains("no database"), "without an older answer: {}", ran.err());
    std::fs::remove_file(scene.top().join("home/broken")).unwrap();
    said(&scene);
    let scene = scene.home_file("broken", "");
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["- web2 [] #{}"]);
    let warned = ran.messages("warn").concat();
    assert!(
        warned.starts_with("`hosts` gives no hosts: ") && warned.contains("; using the 1 entry it gave "),
        "{warned}"
    );
    let strict = scene.stage("production", "hosts_from(#{ command: \"hosts\", stale: false });");
    let ran = strict.run(["production", "t"]);
    assert!(ran.code != 0 && ran.err().contains("no database"), "{}", ran.err());
}

#[test]
fn a_source_that_hangs_is_ended_and_its_older_answer_used() {
    let scene = scene("hosts_from(#{ command: \"hosts\", timeout: 1 });")
        .program("hosts", "[ ! -e \"$HOME/slow\" ] || sleep 600; echo web1");
    said(&scene);
    let scene = scene.home_file("slow", "");
    let ran = scene.run(["--format", "json", "production", "t"]).ok();
    assert_eq!(ran.messages("info"), ["- web1 [] #{}"]);
    assert!(ran.messages("warn").concat().contains("`hosts` gives no hosts: "), "{:?}", ran.messages("warn"));
}

#[test]
fn broken_json_is_a_failure_too_and_is_not_kept() {
    let scene = scene("hosts_from(#{ command: \"hosts\" });")
        .program("hosts", "[ ! -e \"$HOME/cut\" ] && echo '[\"web1\"]' || echo '[\"web'");
    said(&scene);
    let scene = scene.home_file("cut", "");
    for _ in 0..2 {
        let ran = scene.run(["--format", "json", "production", "t"]).ok();
        assert_eq!(ran.messages("info"), ["- web1 [] #{}"]);
        assert!(ran.messages("warn").concat().contains("the JSON is broken"), "{:?}", ran.messages("warn"));
    }
}

#[test]
fn nothing_is_asked_where_nothing_runs() {
    let scene = counted("");
    for args in
        [&["production", "t", "-n"][..], &["production", "t", "--plan"], &["production", "-T"], &["-T"], &["check"]]
    {
        scene.run(args.iter().copied()).ok();
    }
    assert_eq!(asked(&scene), 0);
    let ran = scene.run(["--format", "json", "production", "t", "-n"]).ok();
    assert_eq!(ran.messages("warn"), ["`hosts` is not asked, so its hosts are not known"]);
    said(&scene);
    let ran = scene.run(["--format", "json", "production", "t", "-n"]).ok();
    assert_eq!(ran.messages("info")[1..], ["- web1 [] #{}"], "what it said before is used");
    assert_eq!(asked(&scene), 1);
}

#[test]
fn a_dry_run_goes_on_where_hosts_are_not_known() {
    let stage = "hosts_from(#{ command: \"hosts\" });";
    let scene = Scene::task("on(roles(\"web\"), |host| execute(\"true\")); info(\"end\");").stage("production", stage);
    for args in [&["production", "t", "-n"][..], &["production", "t", "-n", "-z", "web1"]] {
        assert_eq!(scene.said(args), ["skipped: the hosts of `hosts` are not known", "end"]);
    }
}

/// Serves this answer to every request, and gives the requests to whoever joins the thread.
fn serve(answer: &'static str, times: usize) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let server = thread::spawn(move || {
        let until = Instant::now() + Duration::from_secs(60);
        let accepted = || loop {
            match listener.accept() {
                Ok((stream, _)) => return stream,
                Err(_) if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
                Err(error) => panic!("nobody has asked: {error}"),
            }
        };
        let request = |_| {
            let mut stream = accepted();
            stream.set_nonblocking(false).unwrap();
            let (mut request, mut buffer) = (String::new(), [0; 4096]);
            while !request.contains("\r\n\r\n") {
                let read = stream.read(&mut buffer).unwrap();
                request.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            stream.write_all(answer.as_bytes()).unwrap();
            request
        };
        (0..times).map(request).collect()
    });
    (address, server)
}

#[test]
fn an_address_is_asked_with_curl_and_no_secret_of_it_is_told() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 19\r\nConnection: close\r\n\r\n[\"web1\",   \"web2\"]\n";
    let (address, server) = serve(answer, 1);
    let stage = format!(
        "hosts_from(#{{ url: \"{address}/hosts?zone=a\", headers: #{{ Authorization: \"Bearer \" + secret(\"hunter2hunter2\") }} }});"
    );
    let scene = scene(&stage);
    let ran = scene.run(["--format", "json", "production", "t", "-v"]).ok();
    assert_eq!(ran.messages("info"), ["- web1 [] #{}", "- web2 [] #{}"]);
    let request = server.join().unwrap().concat();
    assert!(request.starts_with("GET /hosts?zone=a HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("Authorization: Bearer hunter2hunter2\r\n"), "{request}");
    assert!(!ran.stdout.contains("hunter2") && !scene.read("log/windlass.log").contains("hunter2"), "{}", ran.stdout);
}

#[test]
fn a_secret_does_not_follow_to_another_address() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let location = format!("http://{}", elsewhere.local_addr().unwrap());
    let moved =
        format!("HTTP/1.1 302 Found\r\nLocation: {location}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let (address, server) = serve(moved.leak(), 1);
    let stage =
        format!("hosts_from(#{{ url: \"{address}\", headers: #{{ \"X-Key\": secret(\"hunter2hunter2\") }} }});");
    let ran = scene(&stage).run(["production", "t"]);
    server.join().unwrap();
    assert!(ran.code != 0 && ran.stderr.contains("redirects"), "{}", ran.stderr);
    assert!(elsewhere.accept().is_err(), "nobody else is asked");
}

#[test]
fn an_address_that_refuses_is_told_with_its_status() {
    let (address, server) = serve("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 1);
    let ran = scene(&format!("hosts_from(#{{ url: \"{address}\" }});")).run(["production", "t"]);
    server.join().unwrap();
    assert!(ran.code != 0 && ran.stderr.contains("403") && ran.stderr.contains(&address), "{}", ran.stderr);
}
