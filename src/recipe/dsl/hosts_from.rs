//! `hosts_from`: servers from a command, a file or an address.
//!
//! Owns its options, when a source is asked and when what it said before is used. What a list may look like is
//! `model::host_list`'s, the file it is kept in `recipe::host_cache`'s, asking itself `recipe::dsl::host_source`'s.

use std::time::Duration;

use indexmap::IndexMap;
use rhai::{Array, Dynamic, Map};

use crate::error::{Error, Kind};
use crate::model::event::Level;
use crate::model::host_list::{self, Entry, add_roles};
use crate::model::plural::plural;
use crate::model::server::Server;
use crate::model::value::Value;
use crate::model::{host_string, server_spec, span};
use crate::recipe::callable::Callable;
use crate::recipe::dsl::call::Call;
use crate::recipe::dsl::host_source::Source;
use crate::recipe::dsl::host_type::Host;
use crate::recipe::dsl::limits::{Own, own};
use crate::recipe::dsl::servers::declare;
use crate::recipe::dsl::signature::{CLOSURE, LIST, MAP, Parameter, TEXT, TEXTS, TIME, TRUTH, ValueKind, maybe, one};
use crate::recipe::dsl::table::Function;
use crate::recipe::host_cache::{HostCache, Kept};
use crate::recipe::values::{from_value, to_value};
use crate::recipe::world::Unasked;

/// The functions of this family.
pub const FUNCTIONS: &[Function] = &[Function {
    name: "hosts_from",
    usage: "hosts_from(#{ command: \"bin/hosts\", roles: [\"app\"], ttl: \"10m\" })",
    about: "Declare the servers that a `command` of this machine prints, or that stand in a `file` or behind a `url`, and give \
            them. They are lines such as `web[01:20] roles=app zone=a`, or JSON. See \
            [Servers from elsewhere](#servers-from-elsewhere).",
    takes: &[one("options", &[ValueKind::Options])],
    options: &[OPTIONS],
    gives: LIST,
    run: hosts_from,
}];

/// Its options.
const OPTIONS: &[Parameter] = &[
    maybe("command", TEXTS),
    maybe("file", TEXT),
    maybe("url", TEXT),
    maybe("headers", MAP),
    maybe("roles", TEXTS),
    maybe("properties", MAP),
    maybe("read", CLOSURE),
    maybe("ttl", TIME),
    maybe("timeout", TIME),
    maybe("stale", TRUTH),
];

/// How long a source may take that has no `timeout`.
const USUAL_TIMEOUT: i64 = 30;

/// What a call wants.
struct Wish {
    source: Source,
    /// Said about every host, unless the list says otherwise.
    properties: IndexMap<String, Value>,
    /// Takes the text apart.
    read: Option<Callable>,
    /// How old an answer may be that is used without asking again.
    ttl: Duration,
    limits: Own,
    /// Whether an older answer will do where there is no new one.
    stale: bool,
}

fn hosts_from(call: &mut Call<'_>) -> Result<Dynamic, Error> {
    let options = call.options()?;
    if call.left() > 0 {
        let value = call.any();
        return Err(call.wrong("where to ask", "a map such as `#{ command: \"bin/hosts\" }`", &value));
    }
    let wish = Wish::of(call, options)?;
    let entries = wish.entries(call)?;
    let mut hosts = Array::new();
    for entry in entries {
        let label = format!("{} of {}", entry.label, wish.source);
        for server in wish.servers(entry).map_err(|error| error.note(format!("it is {label}")))? {
            hosts.push(Dynamic::from(Host::new(declare(call, server)?)));
        }
    }
    Ok(hosts.into())
}

impl Wish {
    fn of(call: &Call<'_>, mut options: Map) -> Result<Self, Error> {
        options.entry("timeout".into()).or_insert_with(|| USUAL_TIMEOUT.into());
        let limits = own(call, &options)?;
        let mut properties = match options.get("properties").map(to_value).transpose()? {
            None | Some(Value::Unit) => IndexMap::new(),
            Some(Value::Map(map)) => map,
            Some(other) => {
                return Err(Error::recipe(format!("`properties` of `hosts_from` cannot be `{other}`"))
                    .help("expected a map: `#{ zone: \"a\" }`"));
            }
        };
        add_roles(&mut properties, &options.get("roles").map(to_value).transpose()?.unwrap_or(Value::Unit));
        let read = options.get("read").filter(|value| !value.is_unit());
        let read = read.map(|value| {
            call.callable(value)
                .ok_or_else(|| call.wrong("`read`", "a closure such as `|text| parse_json(text)`", value))
        });
        let ttl = options.get("ttl").filter(|value| !value.is_unit()).map(to_value).transpose()?;
        let ttl = ttl
            .map(|value| span::of_value(&value))
            .transpose()
            .map_err(|reason| Error::recipe(reason).note("it is the option `ttl` of `hosts_from`"))?;
        let stale = options
            .get("stale")
            .map_or(Ok(true), |value| value.as_bool().map_err(|_| call.wrong("`stale`", "true or false", value)))?;
        Ok(Self {
            source: Source::of(call, &options)?,
            properties,
            read: read.transpose()?,
            ttl: ttl.unwrap_or_default(),
            limits,
            stale,
        })
    }

    /// The servers of an entry.
    fn servers(&self, entry: Entry) -> Result<Vec<Server>, Error> {
        let mut properties = self.properties.clone();
        let roles = entry.properties.get("roles").cloned();
        properties.extend(entry.properties.into_iter().filter(|(name, _)| name != "roles"));
        add_roles(&mut properties, &roles.unwrap_or(Value::Unit));
        let hosts = host_string::parse_all(&entry.host)?;
        hosts.into_iter().map(|host| server_spec::server(host, properties.clone())).collect()
    }

    /// What the source says, or has said.
    fn entries(&self, call: &Call<'_>) -> Result<Vec<Entry>, Error> {
        if !self.source.is_asked() {
            return self.parsed(call, &self.source.text(call, self.limits)?);
        }
        let world = call.world();
        let cache = world.options.cache.as_deref().map(|folder| HostCache::of(folder, &self.source.key(call)));
        let kept = cache.as_ref().and_then(HostCache::read);
        if world.options.asks_nobody() {
            return self.without_asking(call, kept);
        }
        if let Some(Kept { text, .. }) = kept.as_ref().filter(|kept| kept.age < self.ttl)
            && let Ok(entries) = self.parsed(call, text)
        {
            return Ok(entries);
        }
        let asked = self.source.text(call, self.limits);
        match asked.and_then(|text| Ok((self.parsed(call, &text)?, text))) {
            Ok((entries, text)) => {
                if let Some(Err(error)) = cache.map(|cache| cache.write(&text)) {
                    world.say(Level::Debug, &error.to_string(), call.frame(), call.place());
                }
                Ok(entries)
            }
            Err(error) => self.after(call, error, kept),
        }
    }

    /// What was said before in place of an answer there is none of.
    fn after(&self, call: &Call<'_>, error: Error, kept: Option<Kept>) -> Result<Vec<Entry>, Error> {
        let is_wish = matches!(error.kind(), Kind::Cancelled | Kind::Exit(_));
        let Some(kept) = kept.filter(|_| self.stale && !is_wish) else {
            return Err(if is_wish {
                error
            } else {
                // What could be read and made no sense has its source with it already.
                let is_told = error.parts().notes.iter().any(|note| note.starts_with("it came from"));
                if is_told { error } else { error.note(format!("`hosts_from` asked {} for hosts", self.source)) }
            });
        };
        let entries = self.parsed(call, &kept.text)?;
        let text = format!(
            "{} gives no hosts: {error}; using the {} it gave {} ago",
            self.source,
            plural(entries.len(), "entry"),
            span::shown(Duration::from_secs(kept.age.as_secs()))
        );
        call.world().say(Level::Warn, &text, call.frame(), call.place());
        Ok(entries)
    }

    /// What was said before, where nothing may be run; none where that is not known.
    fn without_asking(&self, call: &Call<'_>, kept: Option<Kept>) -> Result<Vec<Entry>, Error> {
        let world = call.world();
        world.unasked(Unasked { source: self.source.to_string(), is_known: kept.is_some() });
        if let Some(kept) = kept {
            let age = span::shown(Duration::from_secs(kept.age.as_secs()));
            let text = format!("{} is not asked; it gave these hosts {age} ago", self.source);
            world.say(Level::Info, &text, call.frame(), call.place());
            return self.parsed(call, &kept.text);
        }
        let text = format!("{} is not asked, so its hosts are not known", self.source);
        world.say(Level::Warn, &text, call.frame(), call.place());
        Ok(Vec::new())
    }

    fn parsed(&self, call: &Call<'_>, text: &str) -> Result<Vec<Entry>, Error> {
        let entries = match &self.read {
            None => host_list::of_text(text),
            Some(read) => {
                let list = call.call(read, vec![from_value(&Value::from(text))], |_| {})?;
                to_value(&list).and_then(|list| host_list::of_value(&list))
            }
        };
        let entries = entries.map_err(|error| error.note(format!("it came from {}", self.source)))?;
        if entries.is_empty() {
            return Err(Error::recipe(format!("there is no host in what {} gives", self.source))
                .help("a source that has none to give is taken for broken: leave the call out"));
        }
        Ok(entries)
    }
}
