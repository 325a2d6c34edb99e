//! Release names, retention, rollback.
//!
//! Owns the rules about release directories as pure functions over their names. It must not look at a host: the caller
//! lists `releases/` and reads the `current` link. Order is always by name, never by modification time, because
//! touching an old release must not change what is kept or rolled back to.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::error::Error;
use crate::model::name_list;
use crate::model::suggest::did_you_mean;

/// How a release is called.
const FORMAT: &str = "%Y%m%d%H%M%S";
/// How many paths go into one `rm -rf`, so that thousands of releases do not exceed the host's limit for arguments.
pub const BATCH: usize = 100;

/// What is to become of the directories in `releases/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Releases to remove, oldest first.
    pub expired: Vec<String>,
    /// Releases that stay, newest first; the current one is among them if it was listed.
    pub kept: Vec<String>,
    /// Names that are no release; they are left alone, in the order they were listed.
    pub foreign: Vec<String>,
}

/// The name of a release made at this moment: `YYYYMMDDHHMMSS` in UTC, as Capistrano names them.
#[must_use]
pub fn name(moment: Timestamp) -> String {
    moment.to_zoned(TimeZone::UTC).strftime(FORMAT).to_string()
}

/// A name for a new release, later than every one among the names: the time `now`, or where that is not later, the newest
/// of them and a second.
///
/// # Errors
/// There is no later name.
pub fn later_name<S: AsRef<str>>(now: &str, names: &[S]) -> Result<String, Error> {
    let Some(newest) = newest_first(names).into_iter().next().filter(|newest| newest.as_str() >= now) else {
        return Ok(now.to_owned());
    };
    let time = DateTime::strptime(FORMAT, &newest).ok().and_then(|time| time.checked_add(1.second()).ok());
    // A folder of 14 digits need not be a time.
    let number = || newest.parse::<u64>().map(|number| format!("{:014}", number + 1)).ok();
    let later = time.map(|time| time.strftime(FORMAT).to_string()).or_else(number);
    later.filter(|name| is_release_name(name)).ok_or_else(|| {
        Error::recipe(format!("there is no name for a release later than `{newest}`"))
            .help(format!("is it one? move `{newest}` out of the folder of releases"))
    })
}

/// Whether this is the name of a release: exactly 14 digits.
#[must_use]
pub fn is_release_name(name: &str) -> bool {
    name.len() == 14 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The releases among the names, newest first, each once.
#[must_use]
pub fn newest_first<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    let mut releases: Vec<String> =
        names.iter().map(AsRef::as_ref).filter(|name| is_release_name(name)).map(str::to_owned).collect();
    releases.sort_unstable_by(|a, b| b.cmp(a));
    releases.dedup();
    releases
}

/// Decides which releases go when the newest `keep` and the current one are to stay.
///
/// `current` is what the `current` link points to, in any spelling: only its last component counts, so a `~`, a
/// trailing slash or a symlinked parent does not expose the live release, and neither does a link that dangles.
///
/// # Errors
/// `keep` below 1.
pub fn expired<S: AsRef<str>>(names: &[S], current: Option<&str>, keep: i64) -> Result<Retention, Error> {
    let keep = usize::try_from(keep).ok().filter(|keep| *keep > 0).ok_or_else(|| {
        Error::recipe(format!("`keep_releases` must be 1 or more, it is {keep}"))
            .help("keep at least 2 to be able to roll back: `set(\"keep_releases\", 5)`")
    })?;
    let current = current.map(last_component);
    let releases = newest_first(names);
    let (newest, older) = releases.split_at(keep.min(releases.len()));
    let (spared, mut expired): (Vec<String>, Vec<String>) =
        older.iter().cloned().partition(|name| Some(name.as_str()) == current);
    expired.reverse();
    let foreign = names.iter().map(AsRef::as_ref).filter(|name| !is_release_name(name)).map(str::to_owned).collect();
    Ok(Retention { expired, kept: [newest, &spared].concat(), foreign })
}

/// The release to roll back to.
///
/// By default the newest one that is older than the current one *by name*. Releases newer than the current one are left
/// over from failed deploys and are no target unless `wanted` asks for them. `current` is spelt as for [`expired`];
/// `wanted` is a release name, its path is accepted too; it may be the current one, where other hosts have another.
///
/// # Errors
/// All of kind usage, because what was asked cannot be done and nothing was changed: `wanted` is not there;
/// without `wanted`, there is no older release, or the current one is not known.
pub fn rollback_target<S: AsRef<str>>(
    names: &[S],
    current: Option<&str>,
    wanted: Option<&str>,
) -> Result<String, Error> {
    let releases = newest_first(names);
    let current = current.map(last_component).filter(|name| is_release_name(name));
    let target = match (wanted.map(last_component), current) {
        (Some(wanted), _) => wanted_release(&releases, current, wanted),
        (None, None) => Err(Error::usage("it is not known which release is current, so there is none before it")
            .help("name the release to go to: `ROLLBACK_RELEASE=YYYYMMDDHHMMSS`")),
        (None, Some(current)) => releases.iter().find(|name| name.as_str() < current).cloned().ok_or_else(|| {
            let newer = releases.first().filter(|name| name.as_str() > current);
            Error::usage("there is no older release to roll back to")
                .maybe_help(newer.map(|name| format!("a newer one can be chosen by name: `ROLLBACK_RELEASE={name}`")))
        }),
    };
    target.map_err(|error| error.note(what_there_is(&releases, current)))
}

/// The paths in pieces of at most `size`, which is normally [`BATCH`].
pub fn batches<T>(paths: &[T], size: usize) -> impl Iterator<Item = &[T]> {
    paths.chunks(size.max(1))
}

fn wanted_release(releases: &[String], current: Option<&str>, wanted: &str) -> Result<String, Error> {
    if wanted.is_empty() {
        return Err(Error::usage("`ROLLBACK_RELEASE` is empty")
            .help("name a release, or leave it out to go to the one before the current"));
    }
    releases.iter().find(|name| name.as_str() == wanted).cloned().ok_or_else(|| {
        let error = Error::usage(format!("there is no release `{wanted}` to roll back to"));
        error
            .maybe_help(did_you_mean(wanted, releases.iter().map(String::as_str).filter(|name| Some(*name) != current)))
    })
}

fn what_there_is(releases: &[String], current: Option<&str>) -> String {
    if releases.is_empty() {
        return "there are no releases".to_owned();
    }
    let shown = releases.iter().map(|name| {
        let mark = if Some(name.as_str()) == current { " (current)" } else { "" };
        format!("`{name}`{mark}")
    });
    format!("releases, newest first: {}", name_list::plain(shown))
}

/// The last component of a path as `readlink` may print it, trailing slashes and line end aside.
fn last_component(path: &str) -> &str {
    let path = path.trim_end_matches(['\n', '\r', '/']);
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Kind;

    const R1: &str = "20240101000000";
    const R2: &str = "20240201000000";
    const R3: &str = "20240301000000";
    const R4: &str = "20240401000000";

    #[test]
    fn a_new_release_is_the_latest_by_name() {
        let name = |there: &[&str]| later_name("20261122093936", there).unwrap();
        assert_eq!(name(&[]), "20261122093936");
        assert_eq!(name(&["20261122093935", "notes", "99999999999999x"]), "20261122093936");
        assert_eq!(name(&["20261122093936"]), "20261122093937");
        assert_eq!(name(&["20261231235959", "20261122093937"]), "20270101000000");
        assert_eq!(name(&["20269999999999"]), "20270000000000");
        let error = later_name("20261122093936", &["99999999999999"]).unwrap_err();
        assert_eq!(error.to_string(), "there is no name for a release later than `99999999999999`");
    }

    #[test]
    fn names_are_utc_to_the_second() {
        let moment: Timestamp = "2015-01-20T13:45:09.9+02:00".parse().unwrap();
        assert_eq!(name(moment), "20150120114509");
        assert!(is_release_name(&name(moment)));
    }

    #[test]
    fn only_fourteen_digits_are_a_release() {
        for foreign in
            ["", "2024010100000", "202401010000000", "2024010100000a", "20240101000000\n", "current", "２0240101000"]
        {
            assert!(!is_release_name(foreign), "{foreign:?}");
        }
    }

    #[test]
    fn newest_is_by_name_and_foreign_names_are_left_out() {
        assert_eq!(newest_first(&[R2, "current", R3, R1, R2]), [R3, R2, R1]);
    }

    #[test]
    fn the_oldest_beyond_keep_expire_oldest_first() {
        let plan = expired(&[R3, R1, "old-site", R4, R2], Some(R4), 2).unwrap();
        assert_eq!(plan.expired, [R1, R2]);
        assert_eq!(plan.kept, [R4, R3]);
        assert_eq!(plan.foreign, ["old-site"]);
    }

    #[test]
    fn fewer_releases_than_keep_all_stay() {
        let plan = expired(&[R1, R2], None, 5).unwrap();
        assert_eq!(plan, Retention { expired: vec![], kept: vec![R2.into(), R1.into()], foreign: vec![] });
    }

    /// Capistrano compares the link's text with a path, which any other spelling defeats (reference, fault 7).
    #[test]
    fn the_current_release_stays_however_the_link_is_spelt() {
        for link in
            [R1, "/srv/app/releases/20240101000000", "releases/20240101000000/", "~/app/releases/20240101000000//\n"]
        {
            let plan = expired(&[R1, R2, R3, R4], Some(link), 1).unwrap();
            assert_eq!(plan.expired, [R2, R3], "{link:?}");
            assert_eq!(plan.kept, [R4, R1], "{link:?}");
        }
    }

    /// Capistrano 3.10.0 deleted the live release after repeated failed deploys (#1922).
    #[test]
    fn failed_deploys_after_the_current_one_do_not_push_it_out() {
        let plan = expired(&[R1, R2, R3, R4], Some("/srv/app/releases/20240201000000"), 2).unwrap();
        assert_eq!((plan.expired, plan.kept), (vec![R1.to_owned()], vec![R4.into(), R3.into(), R2.into()]));
    }

    #[test]
    fn keep_must_be_one_or_more() {
        for keep in [0, -3] {
            let error = expired(&[R1], None, keep).unwrap_err();
            assert_eq!(error.to_string(), format!("`keep_releases` must be 1 or more, it is {keep}"));
            assert_eq!(error.kind(), Kind::Recipe);
        }
    }

    #[test]
    fn rollback_goes_to_the_newest_before_the_current_one() {
        assert_eq!(rollback_target(&[R1, R3, R2], Some(R3), None).unwrap(), R2);
        // R4 is left over from a failed deploy; R3, just before it, is what runs.
        assert_eq!(rollback_target(&[R4, R1, R3, R2, "zzz"], Some("/a/releases/20240301000000/"), None).unwrap(), R2);
        // The current release was removed by hand: its name still says what is older.
        assert_eq!(rollback_target(&[R1, R4], Some(R3), None).unwrap(), R1);
    }

    #[test]
    fn a_release_can_be_chosen_in_both_directions() {
        assert_eq!(rollback_target(&[R1, R2, R3], Some(R2), Some(R1)).unwrap(), R1);
        assert_eq!(rollback_target(&[R1, R2, R3], Some(R2), Some("releases/20240301000000/")).unwrap(), R3);
        assert_eq!(rollback_target(&[R1, R2], None, Some(R1)).unwrap(), R1);
    }

    #[test]
    fn a_release_that_is_not_there_is_named_with_what_there_is() {
        let error = rollback_target(&[R1, R2, R3], Some(R3), Some("20240201000001")).unwrap_err();
        assert_eq!(error.to_string(), "there is no release `20240201000001` to roll back to");
        assert_eq!(error.parts().help, ["did you mean `20240201000000`?"]);
        assert_eq!(
            error.parts().notes,
            ["releases, newest first: `20240301000000` (current), `20240201000000`, `20240101000000`"]
        );
        assert_eq!(error.kind(), Kind::Usage);
    }

    #[test]
    fn rolling_back_to_where_we_are_is_for_the_other_hosts() {
        assert_eq!(rollback_target(&[R1, R2], Some(R2), Some(R2)).unwrap(), R2);
        assert!(rollback_target(&[R1], Some(R2), Some(R2)).is_err(), "it was removed");
        assert_eq!(
            rollback_target(&[R1, R2], Some(R2), Some("")).unwrap_err().to_string(),
            "`ROLLBACK_RELEASE` is empty"
        );
        assert!(rollback_target(&[R2], Some(R2), None).unwrap_err().parts().help.is_empty());
    }

    #[test]
    fn no_older_release_and_no_current_one_are_errors() {
        let error = rollback_target(&[R1, R2], Some(R1), None).unwrap_err();
        assert_eq!(error.to_string(), "there is no older release to roll back to");
        assert_eq!(error.parts().help, ["a newer one can be chosen by name: `ROLLBACK_RELEASE=20240201000000`"]);
        assert_eq!(error.parts().notes, ["releases, newest first: `20240201000000`, `20240101000000` (current)"]);
        let error = rollback_target(&Vec::<String>::new(), None, None).unwrap_err();
        assert_eq!(error.to_string(), "it is not known which release is current, so there is none before it");
        assert_eq!(error.parts().help, ["name the release to go to: `ROLLBACK_RELEASE=YYYYMMDDHHMMSS`"]);
        assert_eq!(error.parts().notes, ["there are no releases"]);
        // A `current` that points elsewhere tells nothing either.
        assert!(rollback_target(&[R1, R2], Some("/srv/other"), None).is_err());
    }

    #[test]
    fn batches_cover_all_paths() {
        let paths: Vec<usize> = (0..250).collect();
        let sizes: Vec<usize> = batches(&paths, BATCH).map(<[usize]>::len).collect();
        assert_eq!(sizes, [100, 100, 50]);
        assert_eq!(batches(&paths, BATCH).flatten().count(), 250);
        assert_eq!(batches(&[1, 2], 0).count(), 2);
    }

    fn listing() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(
            prop_oneof![4 => "2024010100000[0-9]", 2 => "20[0-9]{12}", 1 => "[a-z0-9\n]{0,15}"],
            0..30,
        )
    }

    proptest! {
        #[test]
        fn retention_keeps_the_newest_and_the_current_and_nothing_else(
            names in listing(),
            keep in 1..8_usize,
            pick in any::<prop::sample::Index>(),
            prefix in "(/srv/app/releases/|~/|)",
        ) {
            let releases = newest_first(&names);
            let current = (!releases.is_empty()).then(|| pick.get(&releases).clone());
            let link = current.as_ref().map(|name| format!("{prefix}{name}"));
            let plan = expired(&names, link.as_deref(), i64::try_from(keep).unwrap()).unwrap();

            let mut expected: Vec<String> = releases.iter().take(keep).cloned().collect();
            expected.extend(current.filter(|name| !releases[..keep.min(releases.len())].contains(name)));
            prop_assert_eq!(&plan.kept, &expected);
            let mut all = [plan.kept, plan.expired].concat();
            all.sort_unstable_by(|a, b| b.cmp(a));
            prop_assert_eq!(all, releases);
            prop_assert!(plan.foreign.iter().all(|name| !is_release_name(name)));
        }

        #[test]
        fn rollback_never_stays_and_never_skips(names in listing(), current in "2024010100000[0-9]") {
            let older: Vec<String> = newest_first(&names).into_iter().filter(|name| *name < current).collect();
            prop_assert_eq!(rollback_target(&names, Some(&current), None).ok(), older.first().cloned());
        }
    }
}
