//! What is said in one place, by one name for each thing; a row's own words go before those for all rows.

use super::rows::Row;
use crate::batch::store::{self, is_url};
use crate::order::{NAMES, Order, plain_name};
use crate::params::nearest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Names that are a row's and no option's.
const OF_THE_ROW: [&str; 4] = ["mix", "id", "output", "report"];

/// Every name that a row may have.
pub(super) fn all_names() -> impl Iterator<Item = &'static str> {
    OF_THE_ROW.into_iter().chain(NAMES)
}

/// Whether there is such a name, in whichever of its forms.
pub(super) fn is_name(written: &str) -> bool {
    let plain = plain_name(written);
    plain == "reports" || all_names().any(|name| name == plain)
}

/// What a row, or `[defaults]`, says: by its name the name as it was written, and the value.
#[derive(Debug)]
pub(super) struct Said<'r>(BTreeMap<String, (&'r str, &'r Value)>);

impl<'r> Said<'r> {
    /// Errors: one thing is said twice, by two of its names; genres and a profile instead of them.
    pub(super) fn new(row: &'r Row) -> Result<Self, String> {
        let mut said = BTreeMap::new();
        for (written, value) in row {
            let name = plain_name(written);
            let name = if name == "reports" { "report".to_owned() } else { name };
            if let Some((other, _)) = said.insert(name, (written.as_str(), value)) {
                return Err(format!("{other} and {written} say the same thing: give one of them"));
            }
        }
        if said.contains_key("profile") && said.contains_key("genre") {
            return Err("a profile stands instead of genres: give one of them".into());
        }
        Ok(Self(said))
    }

    /// A value by its plain name.
    pub(super) fn get(&self, name: &str) -> Option<&'r Value> {
        self.0.get(name).map(|(_, value)| *value)
    }

    /// Puts every option into an order that may have been given others before; paths begin from `base`. What is said here goes
    /// before what was; of `set`, each setting for itself. Errors: an unknown name; a value that a name does not take.
    pub(super) fn put_into(&self, order: &mut Order, base: &Path) -> Result<(), String> {
        let before = order.fixed.clone();
        for (name, (written, value)) in self.0.iter().filter(|(name, _)| !OF_THE_ROW.contains(&name.as_str())) {
            // A place that cannot be is told by whoever opens it. What goes into no report is looked for right away.
            let place = |text: &str| match store::place(text) {
                Ok(place) if name != "ref" && !is_url(&place) => base.join(place),
                Ok(place) => place,
                Err(_) => text.into(),
            };
            if !order.take(written, value, &place).map_err(|error| error.to_string())? {
                let meant = nearest(name, all_names()).map(|meant| format!("; did you mean '{meant}'?")).unwrap_or_default();
                return Err(format!("there is no {written}{meant}"));
            }
        }
        if self.0.contains_key("set") {
            let own = std::mem::replace(&mut order.fixed, before);
            order.fixed.retain(|(id, _)| own.iter().all(|(other, _)| other != id));
            order.fixed.extend(own);
        }
        Ok(())
    }
}
