//! What can be done with a unit: `unit("app_worker").restart()`.

use crate::recipe::dsl::signature::{
    CHANGED, LIST, MAP, MODE, NOTHING, OPTIONS, TEXT, TEXTS, TRUTH, ValueKind, WHOLE, many, maybe, one,
};
use crate::recipe::dsl::table::Function;
use crate::recipe::dsl::{unit_actions, unit_install, unit_processes, unit_wait};
use crate::systemd::unit_script::Verb;

/// The methods; the unit itself counts as their first argument.
pub const METHODS: &[Function] = &[
    Function {
        name: "install",
        usage: "unit.install(text, #{ mode: \"0644\" })",
        about: "Write the file of the unit where it differs, in one step, and show what has changed. With a secret in it the \
                mode is 0600 and nothing is shown. Gives \"changed\" or \"unchanged\".",
        takes: &[one("text", TEXT), OPTIONS],
        options: &[&[maybe("mode", MODE)]],
        gives: CHANGED,
        run: unit_install::install,
    },
    Function {
        name: "check",
        usage: "unit.check(text)",
        about: "Raise where this text cannot be that of the unit, as `install` would; asks the host nothing.",
        takes: &[one("text", TEXT)],
        options: &[],
        gives: NOTHING,
        run: unit_install::check,
    },
    Function {
        name: "remove",
        usage: "unit.remove()",
        about: "Remove the file of the unit, its additions and the links that start it. Gives \"changed\" or \"unchanged\".",
        takes: &[],
        options: &[],
        gives: CHANGED,
        run: unit_install::remove,
    },
    Function {
        name: "enable",
        usage: "unit.enable()",
        about: "Have it started at boot. Gives \"changed\" or \"unchanged\"; raises where it is wanted by a target its \
                manager does not have, and so would never start.",
        takes: &[],
        options: &[],
        gives: CHANGED,
        run: unit_install::enable,
    },
    Function {
        name: "disable",
        usage: "unit.disable()",
        about: "Have it started at boot no more. Gives whether the host knows it.",
        takes: &[],
        options: &[],
        gives: TRUTH,
        run: |call| unit_actions::leave(call, Verb::Disable),
    },
    Function {
        name: "start",
        usage: "unit.start()",
        about: "Start it; one that runs is left as it is.",
        takes: &[],
        options: &[],
        gives: NOTHING,
        run: |call| unit_actions::act(call, Verb::Start),
    },
    Function {
        name: "stop",
        usage: "unit.stop()",
        about: "Stop it. Gives whether the host knows it.",
        takes: &[],
        options: &[],
        gives: TRUTH,
        run: |call| unit_actions::leave(call, Verb::Stop),
    },
    Function {
        name: "restart",
        usage: "unit.restart()",
        about: "Stop and start it.",
        takes: &[],
        options: &[],
        gives: NOTHING,
        run: |call| unit_actions::act(call, Verb::Restart),
    },
    Function {
        name: "reload",
        usage: "unit.reload()",
        about: "Tell it to read its configuration again, as its `ExecReload=` says.",
        takes: &[],
        options: &[],
        gives: NOTHING,
        run: |call| unit_actions::act(call, Verb::Reload),
    },
    Function {
        name: "kill",
        usage: "unit.kill(\"TSTP\", #{ who: \"main\", while_locked: deploy_to() })",
        about: "Send a signal to its main process, or to all with `who: \"all\"`. Gives whether there was one. With \
                `while_locked` the host starts it anew by itself should nobody have done so when the lock of that folder is no \
                longer kept alive.",
        takes: &[one("signal", TEXT), OPTIONS],
        options: &[&[maybe("who", &[ValueKind::OneOf(&["main", "all"])]), maybe("while_locked", TEXT)]],
        gives: TRUTH,
        run: unit_actions::kill,
    },
    Function {
        name: "status",
        usage: "unit.status()",
        about: "How it stands: `#{ active, sub, loaded, enabled, pid, restarts, result, since, reason, journal }`.",
        takes: &[],
        options: &[],
        gives: MAP,
        run: unit_actions::status,
    },
    Function {
        name: "show",
        usage: "unit.show(\"MainPID\", …) or unit.show([…])",
        about: "Properties of it, as texts in a map.",
        takes: &[many("property", TEXTS)],
        options: &[],
        gives: MAP,
        run: unit_actions::show,
    },
    Function {
        name: "logs",
        usage: "unit.logs(100)",
        about: "The last lines of its log, 100 of them unless another number is given.",
        takes: &[maybe("lines", WHOLE)],
        options: &[],
        gives: TEXT,
        run: unit_actions::logs,
    },
    Function {
        name: "processes",
        usage: "unit.processes()",
        about: "What runs in it, as a list of `#{ pid, main, folder, title }`: whether it is the main process, where it works \
                (empty where that may not be seen), and its command line.",
        takes: &[],
        options: &[],
        gives: LIST,
        run: unit_processes::processes,
    },
    Function {
        name: "wait_active",
        usage: "unit.wait_active(#{ timeout: 30, settle: 2, current: current_path() })",
        about: "Wait until it runs and goes on running for `settle` seconds with the same process; with `current` it has to \
                run from the release this leads to. Gives `#{ pid, release, title }`, and raises with the reason and the end \
                of its log.",
        takes: &[OPTIONS],
        options: &[&[maybe("timeout", WHOLE), maybe("settle", WHOLE), maybe("current", TEXT)]],
        gives: MAP,
        run: unit_wait::wait_active,
    },
];
