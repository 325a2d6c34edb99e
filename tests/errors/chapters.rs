//! The order the gallery is read in.

/// Chapters with the names of their snapshots, each in reading order. The findings of `check` follow by themselves.
pub const CHAPTERS: &[(&str, &str)] = &[
    (
        "The command line",
        "no_recipe folder_that_is_not_there missing_file_option not_utf8 no_stage_at_all no_stage_file unknown_stage \
         reserved_stage_name task_in_place_of_the_stage task_with_arguments_in_place_of_the_stage \
         second_stage_on_the_line command_that_is_mistyped command_of_a_stage_that_is_mistyped unknown_task \
         task_of_another_namespace missing_task_argument too_many_task_arguments unbalanced_brackets \
         unknown_command_line_option option_without_its_value value_an_option_cannot_have \
         time_of_an_option_that_is_none setting_of_the_line_that_breaks_a_rule option_that_stands_there_twice \
         options_that_contradict_each_other plan_of_a_command lagging_with_another_task nobody_to_confirm",
    ),
    (
        "Commands besides tasks",
        "exec_without_a_command exec_without_dashes script_that_is_not_named script_that_is_not_there \
         code_with_a_mistake code_that_cannot_be_read doctor_without_servers check_of_a_stage_there_is_not \
         shell_without_completions topic_there_is_not stage_that_init_cannot_write",
    ),
    (
        "Reading a recipe: what is missing or too much",
        "missing_semicolon missing_comma missing_parenthesis bracket_too_many missing_brace map_without_its_end \
         open_string text_in_back_ticks_without_an_end comment_without_an_end \
         value_behind_an_operator_that_is_missing let_without_a_value closure_without_its_second_bar \
         closure_that_does_nothing closure_behind_a_missing_comma single_quotes escape_there_is_not \
         quotes_of_a_web_page number_with_a_unit key_with_a_dash key_that_is_a_word_of_the_language \
         key_that_stands_there_twice assignment_in_a_condition assignment_to_a_call break_outside_of_a_loop \
         for_in_parentheses function_inside_a_task function_declared_twice function_without_parameters \
         parameter_with_a_default several_mistakes_at_once",
    ),
    (
        "Ruby and other languages",
        "ruby_comment ruby_block ruby_block_of_a_symbol ruby_block_of_on ruby_each ruby_call_without_parentheses \
         ruby_server ruby_symbol ruby_list_of_words ruby_map ruby_hash_rocket ruby_named_argument ruby_option_of_on \
         ruby_method ruby_class ruby_lambda ruby_splat ruby_heredoc ruby_variable_of_an_instance ruby_elsif \
         ruby_unless ruby_condition_behind ruby_if_without_braces ruby_begin_and_rescue ruby_question ruby_value \
         ruby_environment ruby_constant ruby_word ruby_method_of_a_text ruby_method_of_a_list as_in_place_of_as_user \
         type_behind_as value_in_double_quotes variable_of_the_shell arrow_of_javascript increment \
         question_mark_and_colon for_as_in_c",
    ),
    (
        "Names",
        "unknown_function function_of_the_recipe_that_is_mistyped function_without_parentheses function_behind_a_dot \
         function_that_hides_a_method unknown_variable setting_in_place_of_a_variable variable_around_a_function \
         this_in_a_function unknown_module missing_required_file version_that_is_too_new condition_that_is_no_version",
    ),
    (
        "Values",
        "nothing_joined_to_a_text text_joined_to_nothing operator_with_nothing operator_between_a_text_and_a_number \
         operator_before_a_text number_added_to_a_list division_by_zero number_too_large text_that_is_no_number \
         condition_that_is_nothing condition_that_is_a_text condition_that_is_a_list loop_over_nothing \
         loop_over_a_number search_in_a_number property_of_nothing property_of_a_text property_of_a_list_of_hosts \
         property_a_host_does_not_have property_of_a_unit property_of_a_caught_error property_that_is_set_on_a_number \
         host_that_is_changed index_out_of_bounds element_of_an_empty_list element_of_nothing element_by_name \
         value_of_a_map_by_number method_of_nothing method_that_is_of_another_kind method_with_a_wrong_argument \
         wrong_kind_of_value_for_a_method constant_that_is_assigned_to constant_that_is_changed number_that_is_called \
         closure_with_too_many_arguments function_with_another_number_of_arguments endless_recursion",
    ),
    (
        "Arguments of host functions",
        "too_few_arguments too_many_arguments wrong_kind_of_argument nothing_as_an_argument text_that_is_a_number \
         a_value_in_place_of_a_closure a_closure_with_too_many_parameters host_in_place_of_hosts \
         variables_that_are_no_map unknown_option way_to_run_there_is_not limit_of_none once_for_several \
         time_out_that_is_no_time verbosity_there_is_not mode_that_is_no_mode bad_umask exit_code_there_is_not \
         failure_without_a_word namespace_without_a_closure rule_without_a_closure hook_without_a_hook \
         task_without_a_name",
    ),
    (
        "Settings and secrets",
        "circle_of_settings an_error_in_a_lazy_setting question_that_nobody_answers \
         setting_that_breaks_a_rule_of_the_recipe bad_application bad_keep_releases max_fail_that_is_no_number \
         time_of_a_setting_that_is_none warm_that_is_no_number lock_that_is_no_truth lock_that_is_too_short \
         environment_that_is_no_map shell_that_is_not_there ssh_options_that_are_no_map filter_that_is_no_map \
         filter_with_an_unknown_part closure_in_place_of_the_filter secret_that_is_not_set secret_in_a_shell_line",
    ),
    (
        "Tasks",
        "unknown_option_of_a_task argument_declared_twice alias_that_is_taken task_called_like_a_command \
         task_declared_in_a_task unknown_hook unknown_task_behind_a_hook hook_without_its_argument \
         unknown_prerequisite need_without_its_argument need_with_too_many_arguments need_twice_with_other_arguments \
         circle_of_prerequisites cleared_before_it_is_defined unknown_task_invoked missing_argument_of_an_invoke \
         circle_of_invokes invoked_while_recipes_are_read file_made_of_nothing file_that_is_not_made",
    ),
    (
        "Servers, roles and filters",
        "no_servers bad_host host_that_is_empty port_that_is_too_large address_that_is_none range_of_a_million \
         range_with_ends_of_different_width roles_that_are_a_number role_without_a_name way_to_a_server_there_is_not \
         option_ssh_does_not_have property_that_breaks_a_rule_of_the_recipe source_of_hosts_that_is_not_said \
         source_of_hosts_that_fails list_of_hosts_that_is_not_there list_of_hosts_that_is_empty \
         list_of_hosts_that_is_no_json list_of_hosts_with_a_mistake unknown_role condition_nobody_meets nobody_at_all \
         selection_of_an_unknown_host selection_of_an_unknown_role selection_that_is_empty limit_that_selects_nobody \
         limit_by_a_property_nobody_has word_of_a_limit_that_means_nothing bad_pattern \
         filter_that_lets_nobody_through",
    ),
    (
        "Commands on the hosts",
        "execute_outside_on execute_outside_on_in_a_function on_inside_on assigned_inside_on pushed_inside_on \
         empty_command empty_program program_that_is_not_there program_that_may_not_run within_a_missing_directory \
         prompt_that_is_no_regular_expression prompt_with_a_flag_of_ruby answer_that_is_asked_for_again_and_again \
         time_out killed_by_a_signal output_that_is_no_json one_host_fails several_hosts_fail_alike \
         several_hosts_fail_each_in_its_own_way a_failing_step_of_a_nested_task throw_a_text throw_a_map \
         throw_of_nothing exit_with_a_code",
    ),
    (
        "Files and templates",
        "file_that_is_not_there unreadable_file_to_upload template_that_is_not_there template_that_cannot_be_read \
         template_with_an_unknown_variable",
    ),
    (
        "Deploys and the lock",
        "no_application no_repository repository_that_is_not_there branch_that_is_not_there relative_deploy_to \
         linked_file_that_is_missing linked_path_that_leads_out mixed_fleet rollback_without_a_release_before \
         rollback_to_a_release_that_is_not_there deploy_while_frozen",
    ),
    (
        "Services and lingering",
        "option_a_service_does_not_have count_that_is_none count_that_is_none_in_options configuration_listed_twice \
         configuration_listed_twice_under_its_former_name drain_that_is_no_number \
         timeout_of_sidekiq_that_is_no_number signal_for_quiet_that_is_none unknown_moment_to_be_quiet \
         bind_that_systemd_cannot_listen_on health_of_puma_without_a_bind folder_of_a_log_that_is_missing \
         environment_file_that_is_missing environment_of_several_lines environment_with_an_impossible_name \
         name_no_unit_can_have mode_that_is_mistyped mode_that_is_mistyped_for_a_unit \
         mode_that_is_mistyped_with_a_server user_in_place_of_the_mode user_line_in_a_template \
         system_service_without_a_user user_of_a_service_who_does_not_exist \
         user_of_a_system_service_who_does_not_exist lingering_of_somebody_else wish_for_lingering_that_is_mistyped",
    ),
];
