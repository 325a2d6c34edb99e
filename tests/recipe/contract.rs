//! What we lean on in Rhai, against Rhai alone: whoever upgrades it learns here what has changed.
//!
//! One test per row of the notes on Rhai, so each is small and names the one thing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rhai::{
    AST, ASTNode, Array, Dynamic, Engine, EvalAltResult, Expr, FnPtr, Module, NativeCallContext, OptimizationLevel,
    ParseErrorType, Position, Scope, Stmt, Token,
};
use windlass::recipe::words::free_reserved_words;

/// Words Rhai reserves and does not use.
const RESERVED: &[&str] = &[
    "with",
    "is",
    "default",
    "shared",
    "new",
    "use",
    "module",
    "package",
    "match",
    "case",
    "public",
    "protected",
    "static",
    "super",
    "var",
    "void",
    "null",
    "nil",
    "goto",
    "spawn",
    "thread",
    "go",
    "sync",
    "async",
    "await",
    "yield",
];

/// Names of host functions that have to be free as they are.
const FREE: &[&str] = &[
    "on",
    "task",
    "within",
    "set",
    "fetch",
    "role",
    "roles",
    "server",
    "before",
    "after",
    "invoke",
    "run",
    "execute",
    "capture",
    "test",
    "upload",
    "download",
    "desc",
    "namespace",
    "env",
    "host",
    "release",
    "stage",
    "user",
    "require",
    "ask",
    "info",
    "warn",
    "error",
];

fn freed() -> Engine {
    let mut engine = Engine::new();
    free_reserved_words(&mut engine);
    engine
}

fn int(engine: &Engine, script: &str) -> i64 {
    engine.eval(script).unwrap_or_else(|error| panic!("{script}: {error}"))
}

fn runtime(engine: &Engine, script: &str) -> EvalAltResult {
    *engine.run(script).expect_err(script)
}

#[test]
fn plain_rhai_refuses_every_reserved_word() {
    for word in RESERVED {
        let error = Engine::new().compile(format!("let {word} = 1;")).unwrap_err();
        assert_eq!(*error.err_type(), ParseErrorType::Reserved((*word).into()), "{word}");
        assert!(Engine::new().compile(format!("{word}(1)")).is_err(), "{word}(1)");
        assert!(Engine::new().compile(format!("#{{ {word}: 1 }}")).is_err(), "#{{ {word}: 1 }}");
        assert!(Engine::new().compile(format!("let x = #{{}}; x.{word}")).is_err(), "x.{word}");
    }
}

#[test]
fn the_mapper_frees_every_reserved_word_everywhere() {
    for word in RESERVED {
        let mut engine = freed();
        engine.register_fn(*word, |n: i64| n + 1);
        assert_eq!(int(&engine, &format!("{word}(1)")), 2);
        assert_eq!(int(&engine, &format!("let n = 1; n.{word}()")), 2);
        assert_eq!(int(&engine, &format!("let {word} = 5; {word}")), 5);
        assert_eq!(int(&engine, &format!("let f = |{word}| {word} + 1; f.call(5)")), 6);
        assert_eq!(int(&engine, &format!("let m = #{{ {word}: 7 }}; m.{word}")), 7);
        assert_eq!(engine.eval::<String>(&format!("`${{{word}(1)}}`")).unwrap(), "2");
    }
}

#[test]
fn the_mapper_leaves_the_words_that_mean_something() {
    let mut engine = freed();
    engine.on_print(|_| ()).on_debug(|_, _, _| ());
    assert_eq!(int(&engine, "print(1); debug(2); let f = |n| n; f.call(3)"), 3);
    assert_eq!(int(&engine, "eval(\"1 + 1\")"), 2);
    assert!(engine.eval::<bool>("let x = 1; is_def_var(\"x\")").unwrap());
    assert_eq!(int(&engine, "fn double() { this * 2 } let n = 4; n.double()"), 8);
    assert!(engine.compile("let this = 1;").is_err());
}

#[test]
fn names_of_host_functions_are_free_without_the_mapper() {
    for word in FREE {
        let mut engine = Engine::new();
        engine.register_fn(*word, |n: i64| n + 1);
        assert_eq!(int(&engine, &format!("let {word} = 1; {word}({word})")), 2, "{word}");
    }
}

#[test]
fn disabling_a_reserved_word_does_not_free_it() {
    let mut engine = Engine::new();
    engine.disable_symbol("with").register_fn("with", |n: i64| n);
    let error = engine.compile("with(1)").unwrap_err();
    assert!(error.to_string().contains("'with' is disabled"), "{error}");
}

#[test]
fn as_stays_a_keyword() {
    let mut engine = freed();
    engine.register_fn("as", |n: i64| n);
    assert!(engine.compile("as(1)").is_err());
    assert!(engine.compile("let as = 1;").is_err());
    let mut resolver = rhai::module_resolvers::StaticModuleResolver::new();
    let mut module = Module::new();
    module.set_native_fn("one", || Ok(1_i64));
    resolver.insert("m", module);
    engine.set_module_resolver(resolver);
    assert_eq!(int(&engine, "import \"m\" as y; y::one()"), 1);
}

#[test]
fn a_script_cannot_define_a_freed_word_as_a_function() {
    assert!(freed().compile("fn with() { 1 }").is_err());
}

#[test]
fn the_mapper_sees_tokens_by_their_kind() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut engine = Engine::new();
    let log = seen.clone();
    #[expect(deprecated, reason = "volatile upstream, pinned")]
    engine.on_parse_token(move |token, _, _| {
        if let Token::Reserved(word) = &token {
            log.lock().unwrap().push(word.to_string());
        }
        token
    });
    let _ = engine.compile("with");
    assert_eq!(*seen.lock().unwrap(), ["with"]);
}

#[test]
fn a_semicolon_is_needed_after_a_call_and_its_lack_is_told_at_the_next_word() {
    let mut engine = Engine::new();
    engine.register_fn("task", |_: FnPtr| ());
    let error = engine.compile("task(|| {})\ntask(|| {})").unwrap_err();
    assert!(matches!(error.err_type(), ParseErrorType::MissingToken(token, why)
        if token == ";" && why.contains("terminate this statement")));
    assert_eq!(error.position(), Position::new(2, 1));
}

#[test]
fn a_doc_comment_may_stand_anywhere_without_the_metadata_feature() {
    assert_eq!(int(&Engine::new(), "/// about x\nlet x = 1;\nx"), 1);
}

#[test]
fn a_shebang_line_is_a_parse_error() {
    assert!(Engine::new().compile("#!/usr/bin/env windlass\n1").is_err());
}

#[test]
fn try_is_a_statement() {
    assert!(Engine::new().compile("let x = try { 1 } catch { 2 };").is_err());
}

#[test]
fn columns_count_characters() {
    let error = Engine::new().compile("let é = 1;").err().map(|error| error.position());
    assert_eq!(error, Some(Position::new(1, 5)));
    let EvalAltResult::ErrorFunctionNotFound(_, position) = runtime(&Engine::new(), "let a = \"éé\"; nope(1)") else {
        panic!("another error")
    };
    assert_eq!(position, Position::new(1, 15));
}

#[test]
fn everything_we_give_to_threads_may_be_given_to_threads() {
    fn threads<T: Send + Sync>() {}
    threads::<Engine>();
    threads::<AST>();
    threads::<FnPtr>();
    threads::<Dynamic>();
    threads::<Scope<'_>>();
    threads::<NativeCallContext<'_>>();
    threads::<Box<EvalAltResult>>();
}

#[test]
fn a_closure_is_a_name_with_captures() {
    let closure: FnPtr = Engine::new().eval("let a = 1; let b = 2; |x| a + b + x").unwrap();
    assert!(closure.fn_name().starts_with("anon$"), "{}", closure.fn_name());
    assert_eq!(closure.curry().len(), 2);
    assert!(closure.curry().iter().all(Dynamic::is_shared));
}

#[test]
fn a_captured_variable_is_shared_with_the_code_around() {
    assert_eq!(int(&Engine::new(), "let n = 1; let f = || n; n = 2; f.call()"), 2);
    assert_eq!(int(&Engine::new(), "let n = 1; let f = || { n = 5; }; f.call(); n"), 5);
}

#[test]
fn a_flattened_copy_of_a_capture_is_no_longer_shared() {
    let engine = Engine::new();
    let ast = engine.compile("let list = [1]; let f = || { list.push(2); list.len }; [list, f]").unwrap();
    let both: Array = engine.eval_ast(&ast).unwrap();
    let [list, closure] = both.try_into().unwrap();
    let mut closure = closure.cast::<FnPtr>();
    for captured in closure.iter_curry_mut() {
        *captured = captured.flatten_clone();
    }
    assert_eq!(closure.call::<i64>(&engine, &ast, ()).unwrap(), 2);
    assert_eq!(list.flatten().cast::<Array>().len(), 1);
}

#[test]
fn the_copy_of_a_list_still_shares_its_closures_captures() {
    // Why `isolate` walks into lists, maps and closures instead of cloning them.
    let engine = Engine::new();
    let ast = engine.compile("let n = 1; let f = || { n += 1; n }; let list = [f]; [list, list]").unwrap();
    let both: Array = engine.eval_ast(&ast).unwrap();
    let first: Vec<FnPtr> = both.iter().map(|list| list.clone().cast::<Array>()[0].clone().cast()).collect();
    assert_eq!(first[0].call::<i64>(&engine, &ast, ()).unwrap(), 2);
    assert_eq!(first[1].call::<i64>(&engine, &ast, ()).unwrap(), 3);
}

#[test]
fn a_shared_receiver_is_locked_during_a_host_call() {
    let mut engine = Engine::new();
    engine.register_fn("hold", |ctx: NativeCallContext, _: &mut i64, f: FnPtr| -> Result<i64, Box<EvalAltResult>> {
        f.call_within_context(&ctx, ())
    });
    let error = runtime(&engine, "let n = 1; let f = || n + 1; n.hold(f)");
    let mut inner = &error;
    while let EvalAltResult::ErrorInFunctionCall(_, _, next, _) = inner {
        inner = next;
    }
    assert!(matches!(inner, EvalAltResult::ErrorDataRace(..)), "{error}");
}

#[test]
fn the_first_argument_of_a_host_function_may_be_the_callers_variable() {
    let mut engine = Engine::new();
    engine.register_raw_fn("take", [std::any::TypeId::of::<i64>()], |_, args: &mut [&mut Dynamic]| {
        *args[0] = 99_i64.into();
        Ok(())
    });
    assert_eq!(int(&engine, "let n = 1; n.take(); n"), 99);
    engine.register_raw_fn("drain_it", [std::any::TypeId::of::<Dynamic>()], |_, args: &mut [&mut Dynamic]| {
        Ok(std::mem::take(args[0]))
    });
    // Taken as an argument, not as the thing before the dot: it is still the variable itself.
    assert!(engine.eval::<bool>("let n = 1; drain_it(n); type_of(n) != \"i64\"").unwrap());
}

#[test]
fn the_tag_travels_through_functions_and_closures() {
    let mut engine = Engine::new();
    engine.set_default_tag(7_i64);
    engine.register_fn("tag", |ctx: NativeCallContext| ctx.tag().cloned().unwrap_or_default());
    assert_eq!(int(&engine, "fn inner() { tag() } let f = || inner(); f.call()"), 7);
}

#[test]
fn a_stored_context_revives_with_another_tag_on_another_thread() {
    type Kept = Arc<Mutex<Option<(FnPtr, i64)>>>;
    let results: Kept = Arc::default();
    let mut engine = Engine::new();
    engine.set_default_tag(1_i64);
    engine.register_fn("tag", |ctx: NativeCallContext| ctx.tag().cloned().unwrap_or_default());
    let kept = results.clone();
    engine.register_fn("keep", move |ctx: NativeCallContext, f: FnPtr| {
        #[expect(deprecated, reason = "volatile upstream, pinned")]
        let mut stored = ctx.store_data();
        #[expect(deprecated, reason = "volatile upstream, pinned")]
        {
            stored.global.tag = 42_i64.into();
        }
        let engine = ctx.engine();
        let value = std::thread::scope(|scope| {
            let work = || {
                #[expect(deprecated, reason = "volatile upstream, pinned")]
                let ctx = stored.create_context(engine);
                f.call_raw(&ctx, None, []).unwrap().as_int().unwrap()
            };
            scope.spawn(work).join().unwrap()
        });
        *kept.lock().unwrap() = Some((f, value));
    });
    engine.run("fn helper() { tag() + 1 } keep(|| helper());").unwrap();
    assert_eq!(results.lock().unwrap().as_ref().unwrap().1, 43);
}

#[test]
fn a_call_knows_its_source_and_position() {
    let mut engine = Engine::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    engine.register_fn("here", move |ctx: NativeCallContext| {
        log.lock().unwrap().push((ctx.call_source().map(str::to_owned), ctx.call_position()));
    });
    let mut ast = engine.compile("fn f() {\n  here();\n}\nf();").unwrap();
    ast.set_source("one.rhai");
    engine.run_ast(&ast).unwrap();
    assert_eq!(*seen.lock().unwrap(), [(Some("one.rhai".to_owned()), Position::new(2, 3))]);
}

#[test]
fn a_closure_is_looked_for_in_the_file_that_runs() {
    // Why a `Callable` keeps its home.
    let engine = Engine::new();
    let one = engine.compile("|| 1").unwrap();
    let closure: FnPtr = engine.eval_ast(&one).unwrap();
    assert_eq!(closure.call::<i64>(&engine, &one, ()).unwrap(), 1);
    let other = engine.compile("2").unwrap();
    assert!(closure.call::<i64>(&engine, &other, ()).is_err());
}

#[test]
fn a_missing_closure_asks_the_hook() {
    let mut engine = Engine::new();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = asked.clone();
    #[expect(deprecated, reason = "volatile upstream, pinned")]
    engine.on_missing_function(move |name: &str, _: &mut [&mut Dynamic], _, _| {
        log.lock().unwrap().push(name.to_owned());
        Ok(Some(5_i64.into()))
    });
    let closure: FnPtr = engine.eval("|| 1").unwrap();
    let mut scope = Scope::new();
    scope.push("f", closure.clone());
    assert_eq!(engine.eval_with_scope::<i64>(&mut scope, "f.call()").unwrap(), 5);
    assert_eq!(*asked.lock().unwrap(), [closure.fn_name().to_owned()]);
}

#[test]
fn errors_tell_the_way_and_the_file_of_each_call() {
    let mut engine = Engine::new();
    engine.register_fn("bad", || -> Result<(), Box<EvalAltResult>> { Err("bad".into()) });
    let mut ast = engine.compile("fn inner() {\n bad();\n}\nfn outer() {\n inner();\n}\nouter();").unwrap();
    ast.set_source("deploy.rhai");
    let mut error = *engine.run_ast(&ast).unwrap_err();
    let mut chain = Vec::new();
    while let EvalAltResult::ErrorInFunctionCall(name, source, inner, position) = error {
        chain.push((name, source, position.line()));
        error = *inner;
    }
    let deploy = "deploy.rhai".to_owned();
    assert_eq!(chain, [("outer".to_owned(), deploy.clone(), Some(7)), ("inner".to_owned(), deploy, Some(5))]);
    assert!(matches!(error, EvalAltResult::ErrorRuntime(..)));
    assert_eq!(error.position().line(), Some(2));
}

#[test]
fn only_the_first_parse_error_is_told() {
    let error = Engine::new().compile("let = 1;\nlet = 2;").unwrap_err();
    assert_eq!(error.position().line(), Some(1));
}

#[test]
fn strict_variables_are_seen_while_compiling() {
    let mut engine = Engine::new();
    assert!(engine.compile("nope + 1").is_ok());
    engine.set_strict_variables(true);
    let error = engine.compile("nope + 1").unwrap_err();
    assert_eq!(*error.err_type(), ParseErrorType::VariableUndefined("nope".into()));
}

#[test]
fn unknown_functions_are_not_seen_while_compiling() {
    let mut engine = Engine::new();
    engine.set_strict_variables(true);
    let ast = engine.compile("if false { exeucte(1); }").unwrap();
    engine.run_ast(&ast).unwrap();
}

#[test]
fn a_function_does_not_see_the_variables_around_it_but_a_closure_does() {
    let mut engine = Engine::new();
    engine.set_strict_variables(true);
    assert!(engine.compile("let x = 1; fn f() { x }").is_err());
    assert!(engine.compile("let x = 1; let f = || x;").is_ok());
}

#[test]
fn the_metadata_of_functions_names_our_own() {
    let mut engine = Engine::new();
    engine.register_fn("execute", |_: i64| ());
    let names = engine.collect_fn_metadata(None, |info| Some(info.metadata.name.to_string()), true);
    assert!(names.iter().any(|name| name == "execute"));
    assert!(names.iter().any(|name| name == "push"));
}

#[test]
fn the_default_limits_are_too_low_and_can_be_raised() {
    let limits = || {
        let nested = format!("{}1{}", "(1 + ".repeat(100), ")".repeat(100));
        let deep = "fn f(n) { if n == 0 { 0 } else { f(n - 1) } } f(100)";
        let mut engine = Engine::new();
        assert!(engine.compile(&nested).is_err());
        assert!(engine.eval::<i64>(deep).is_err());
        engine.set_max_expr_depths(256, 256).set_max_call_levels(128);
        assert_eq!(int(&engine, &nested), 101);
        assert_eq!(int(&engine, deep), 0);
    };
    // The stack of a test thread is too small for a debug build.
    std::thread::Builder::new().stack_size(64 << 20).spawn(limits).unwrap().join().unwrap();
}

#[test]
fn progress_can_stop_an_endless_loop() {
    let mut engine = Engine::new();
    engine.on_progress(|steps| (steps > 1000).then_some(Dynamic::UNIT));
    assert!(matches!(runtime(&engine, "loop {}"), EvalAltResult::ErrorTerminated(..)));
}

/// How often a host function was called in a branch that is never taken.
fn calls_in_a_dead_branch(level: OptimizationLevel) -> usize {
    let calls = Arc::new(AtomicUsize::new(0));
    let mut engine = Engine::new();
    engine.set_optimization_level(level);
    let counted = calls.clone();
    engine.register_fn("execute", move |_: &str| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    engine.run("let a = 1; if a > 5 { execute(\"rm -rf /\"); }").expect("the branch is dead");
    calls.load(Ordering::Relaxed)
}

#[test]
fn full_optimisation_calls_host_functions_while_compiling() {
    assert_eq!(calls_in_a_dead_branch(OptimizationLevel::Full), 1);
    assert_eq!(calls_in_a_dead_branch(OptimizationLevel::Simple), 0);
}

#[test]
fn exit_unwinds_closures_functions_and_try() {
    let engine = Engine::new();
    let ast = engine.compile("fn f() { exit(7); } || { try { f(); } catch { } 1 }").unwrap();
    let closure: FnPtr = engine.eval_ast(&ast).unwrap();
    let mut error = *closure.call::<i64>(&engine, &ast, ()).unwrap_err();
    while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
        error = *inner;
    }
    assert!(matches!(error, EvalAltResult::Exit(value, _) if value.as_int() == Ok(7)));
}

#[test]
fn exit_at_the_top_of_a_script_is_its_value_and_no_error() {
    // Why the loader evaluates a recipe and looks at what comes of it.
    let engine = Engine::new();
    engine.run("exit(7); nope();").unwrap();
    assert_eq!(engine.eval::<i64>("exit(7); nope();").unwrap(), 7);
}

#[test]
fn what_is_thrown_can_be_any_value_and_is_caught_as_it_is() {
    assert_eq!(int(&Engine::new(), "let n = 0; try { throw #{ code: 4 }; } catch (e) { n = e.code; } n"), 4);
    let engine = {
        let mut engine = Engine::new();
        engine.register_fn("fail", || -> Result<(), Box<EvalAltResult>> {
            Err(Box::new(EvalAltResult::ErrorRuntime(5_i64.into(), Position::NONE)))
        });
        engine
    };
    assert_eq!(int(&engine, "let n = 0; try { fail(); } catch (e) { n = e; } n"), 5);
}

#[test]
fn interpolation_asks_to_string() {
    #[derive(Clone)]
    struct Host;
    let mut engine = Engine::new();
    engine.register_type_with_name::<Host>("host").register_fn("host", || Host);
    engine.register_fn("to_string", |_: &mut Host| "web1".to_owned());
    assert_eq!(engine.eval::<String>("let h = host(); `on ${h}`").unwrap(), "on web1");
}

#[test]
fn a_filtered_copy_of_functions_is_not_filtered() {
    // Why `recipe::closures` takes all functions and removes the others.
    let ast = Engine::new().compile("fn a() { 1 } fn b() { 2 }").unwrap();
    let filtered = ast.clone_functions_only_filtered(|_, _, _, name, _| name == "a");
    assert_eq!(filtered.iter_functions().count(), 2);
    let mut retained = ast.clone_functions_only();
    retained.retain_functions(|_, _, name, _| name == "a");
    assert_eq!(retained.iter_functions().map(|function| function.name.to_owned()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn walking_reaches_assignments_inside_closures_with_their_position() {
    let ast = Engine::new().compile("let n = 0;\nlet f = || {\n  n += 1;\n};").unwrap();
    let mut lines = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Assignment(assignment))) = path.last() {
            lines.push(assignment.1.lhs.position().line());
        }
        true
    });
    assert_eq!(lines, [Some(3)]);
}

#[test]
fn a_capture_is_written_as_a_block_that_shares_and_curries() {
    let ast = Engine::new().compile("let n = 0; f(|x| n + x);").unwrap();
    let mut shapes = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::FnCall(call, _))) = path.last()
            && let [Expr::Stmt(block)] = call.args.as_slice()
            && let [Stmt::Share(_), Stmt::FnCall(curry, _)] = block.statements()
        {
            shapes.push((curry.name.to_string(), curry.args.len(), curry.args[0].is_constant()));
        }
        true
    });
    assert_eq!(shapes, [("curry".to_owned(), 2, true)]);
}

#[test]
fn strings_need_no_interning() {
    let mut engine = Engine::new();
    engine.set_max_strings_interned(0);
    assert_eq!(engine.eval::<String>("let a = \"x\"; a + \"y\"").unwrap(), "xy");
}
