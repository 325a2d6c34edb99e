//! Which CI service a run is part of, and which job of it, from the variables such services set.

/// Services whose logs can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Buildkite.
    Buildkite,
}

/// The service a job runs at; none for one whose logs cannot be folded.
pub fn service(env: impl Fn(&str) -> Option<String>) -> Option<Service> {
    let is_set = |name: &str| env(name).is_some_and(|value| !value.is_empty() && value != "false");
    let services =
        [("GITHUB_ACTIONS", Service::GitHub), ("GITLAB_CI", Service::GitLab), ("BUILDKITE", Service::Buildkite)];
    services.into_iter().find_map(|(name, service)| is_set(name).then_some(service))
}

/// Where the job can be looked at; else what it is called.
pub fn job(env: impl Fn(&str) -> Option<String>) -> Option<String> {
    let env = |name: &str| env(name).filter(|value| !value.is_empty());
    if let (Some(server), Some(repository), Some(run)) =
        (env("GITHUB_SERVER_URL"), env("GITHUB_REPOSITORY"), env("GITHUB_RUN_ID"))
    {
        return Some(format!("{server}/{repository}/actions/runs/{run}"));
    }
    if let Some(build) = env("BUILDKITE_BUILD_URL") {
        return Some(env("BUILDKITE_JOB_ID").map_or_else(|| build.clone(), |job| format!("{build}#{job}")));
    }
    // GitLab, then Jenkins.
    ["CI_JOB_URL", "CI_JOB_ID", "BUILD_URL", "BUILD_TAG"].into_iter().find_map(env)
}

/// The commit the job is about.
pub fn commit(env: impl Fn(&str) -> Option<String>) -> Option<String> {
    // GitHub, GitLab, Buildkite, Jenkins.
    let names = ["GITHUB_SHA", "CI_COMMIT_SHA", "BUILDKITE_COMMIT", "GIT_COMMIT"];
    names.into_iter().find_map(|name| env(name).filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn every_service_has_an_address_for_its_job() {
        let github = [
            ("GITHUB_SERVER_URL", "https://gh"),
            ("GITHUB_REPOSITORY", "me/app"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SHA", "abc"),
        ];
        assert_eq!(job(env(&github)).as_deref(), Some("https://gh/me/app/actions/runs/7"));
        assert_eq!(commit(env(&github)).as_deref(), Some("abc"));
        let gitlab = [("CI_JOB_URL", "https://gl/1"), ("CI_JOB_ID", "1"), ("CI_COMMIT_SHA", "d")];
        assert_eq!(job(env(&gitlab)).as_deref(), Some("https://gl/1"));
        assert_eq!(job(env(&[("BUILD_URL", ""), ("BUILD_TAG", "jenkins-app-3")])).as_deref(), Some("jenkins-app-3"));
        let buildkite = [("BUILDKITE_BUILD_URL", "https://bk/1"), ("BUILDKITE_JOB_ID", "j")];
        assert_eq!(job(env(&buildkite)).as_deref(), Some("https://bk/1#j"));
    }

    #[test]
    fn a_service_is_known_by_its_variable() {
        for (name, known) in
            [("GITHUB_ACTIONS", Service::GitHub), ("GITLAB_CI", Service::GitLab), ("BUILDKITE", Service::Buildkite)]
        {
            assert_eq!(service(env(&[(name, "true")])), Some(known));
            assert_eq!((service(env(&[(name, "")])), service(env(&[(name, "false")]))), (None, None));
        }
    }

    #[test]
    fn a_laptop_has_none() {
        assert_eq!((job(env(&[])), commit(env(&[]))), (None, None));
    }
}
