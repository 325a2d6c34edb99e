//! Chapter 2.11: options of ssh, jump hosts, host keys, connections.

use indexmap::IndexMap;
use windlass::model::server::Server;
use windlass::model::value::Value;
use windlass::transport::options::{Plan, plan};

use crate::capistrano::rows::{differs, has};
use crate::support::fleet::Fleet;
use crate::support::scene::Scene;

/// What ssh is told for a server, with one option of ssh.
fn told(name: &str, value: impl Into<Value>) -> Result<Plan, windlass::error::Error> {
    plan(&Server::new("web1"), &IndexMap::from([(name.to_owned(), value.into())]), Some("/home/me"))
}

/// 2.11.1
#[test]
fn the_options_of_a_server_win() {
    differs("the stage's `port` and `keys` beat a server's own");
    let recipe = "set(\"ssh_options\", #{ port: 1, user: \"nobody-here\" });
        task(\"t\", || on(roles(\"app\"), |host| info(capture(\"id\", \"-un\"))));";
    let Some(fleet) = Fleet::with(&[("web1", "roles: [\"app\"], user: \"root\"")], recipe) else { return };
    assert_eq!(fleet.json(&["t"]).ok().messages("info"), ["root"]);
}

/// 2.11.2
#[test]
fn the_agent_is_forwarded_when_asked_for() {
    differs("the agent is forwarded unless told not to");
    let plain = plan(&Server::new("web1"), &IndexMap::new(), None).unwrap();
    assert_eq!((plain.forward_agent, plain.args.is_empty()), (None, true));
    assert_eq!(told("forward_agent", Value::Bool(true)).unwrap().args, ["-A"]);
}

/// 2.11.3
#[test]
fn without_a_user_ssh_knows_who() {
    let plain = plan(&Server::new("web1"), &IndexMap::new(), None).unwrap();
    assert_eq!(plain.user, None);
    assert_eq!(told("user", "deploy").unwrap().args, ["-l", "deploy"]);
}

/// 2.11.4
#[test]
fn an_unknown_option_is_an_error() {
    let error = told("keyz", "x").unwrap_err();
    assert_eq!(error.to_string(), "`ssh_options` has no `keyz`");
    assert_eq!(error.parts().help[0], "did you mean `keys`?");
}

/// 2.11.5
#[test]
fn the_configuration_is_that_of_your_ssh() {
    differs("net-ssh and its own reading of `~/.ssh/config`");
    differs("`./.ssh/config` in the project is read as well");
    assert_eq!(told("config", ".ssh/config").unwrap().args, ["-F", ".ssh/config"]);
}

/// 2.11.6
#[test]
fn every_option_of_capistrano_is_there_or_is_answered() {
    differs("`ssh_options` that only net-ssh has: `key_data`, `logger`, `paranoid`, `known_hosts`, …");
    let all = "auth_methods keys key_data keycerts keycert_data keys_only passphrase password use_agent identity_agent \
        agent_socket_factory forward_agent user remote_user host_name port bind_address proxy config timeout keepalive \
        keepalive_interval keepalive_maxcount verify_host_key known_hosts user_known_hosts_file global_known_hosts_file \
        host_key_alias check_host_ip fingerprint_hash encryption hmac kex host_key pubkey_algorithms compression \
        compression_level append_all_supported_algorithms minimum_dh_bits rekey_limit rekey_blocks_limit \
        rekey_packet_limit max_pkt_size max_win_size send_env set_env non_interactive number_of_password_prompts \
        password_prompt logger verbose properties languages paranoid";
    for name in all.split_whitespace() {
        let values = [Value::from("x"), Value::Bool(true), Value::Int(1), Value::Map(IndexMap::new())];
        let takes_one = values.into_iter().map(|value| told(name, value)).any(|told| match told {
            Ok(_) => true,
            Err(error) => error.to_string().starts_with("ssh has nothing like") && !error.parts().help.is_empty(),
        });
        assert!(takes_one || name == "verify_host_key", "{name}");
    }
    assert!(told("verify_host_key", "always").is_ok());
}

/// 2.11.7
#[test]
fn a_jump_host_is_a_text() {
    differs("`Net::SSH::Proxy::Jump.new(\"gw\")`, `Proxy::Command.new(\"ssh gw -W %h:%p\")`");
    assert_eq!(told("proxy", "me@gw:22,second").unwrap().args, ["-oProxyJump=me@gw:22,second"]);
    assert_eq!(told("proxy", "ssh gw -W %h:%p").unwrap().args, ["-oProxyCommand=ssh gw -W %h:%p"]);
}

/// 2.11.8
#[test]
fn an_unknown_host_key_is_refused() {
    differs("an unknown host key is accepted and stored");
    let Some(fleet) = Fleet::start(1, "task(\"t\", || on(roles(\"app\"), |host| execute(\"true\")));") else { return };
    fleet.sshd("web1").pretend_to_be_unknown();
    let ran = fleet.run(&["t"]).fails(3);
    has(&ran.err(), "ssh-keyscan");
}

/// 2.11.9
#[test]
fn passwords_are_asked_for_one_at_a_time() {
    differs("questions of several hosts for a password get mixed up");
    let answered = told("password", "hunter2").unwrap();
    assert_eq!(answered.password.as_deref(), Some("hunter2"));
    assert!(answered.args.iter().all(|arg| !arg.contains("hunter2")), "{:?}", answered.args);
}

/// 2.11.10
#[test]
fn connecting_has_a_limit() {
    differs("`set :connection_timeout` does nothing");
    assert_eq!(told("timeout", Value::Int(7)).unwrap().args, ["-oConnectTimeout=7"]);
    let with = |value: &str| {
        let recipe = format!(
            "set(\"connection_timeout\", {value}); task(\"t\", || on(roles(\"x\"), |host| execute(\"true\")));"
        );
        Scene::with(&recipe)
            .stage("production", "server(\"127.0.0.1:9\", #{ roles: [\"x\"] });")
            .run(["production", "t"])
    };
    with("5").fails(3);
    has(&with("-5").fails(2).err(), "`timeout` in `ssh_options` is -5, not a whole number, not negative");
}

/// 2.11.11
#[test]
fn a_connection_is_used_until_the_end() {
    differs("`Netssh.pool.idle_timeout = 30`");
    let recipe = "task(\"t\", || for i in 0..3 { on(roles(\"app\"), |host| execute(\"true\")); });";
    let Some(fleet) = Fleet::start(1, recipe) else { return };
    fleet.run(&["t"]).ok();
    assert_eq!(fleet.sshd("web1").log().matches("Accepted publickey").count(), 1);
}
