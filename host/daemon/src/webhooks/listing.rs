//! What can be asked of a listing: which records, in which order, which of their fields, and
//! which page.

use super::filter::{Filter, Kind, Test};
use super::record::Record;
use crate::server::problem::Problem;

/// Records on a page if nothing else is asked for, and at most: as in R-Service.
pub(super) const DEFAULT_PER_PAGE: usize = 20;
pub(super) const MAX_PER_PAGE: usize = 100;
/// The last page that can be asked for: clients keep its number in 32 bits.
pub(super) const MAX_PAGE: usize = i32::MAX as usize;

/// A kind of records.
pub(super) struct Listing {
    /// All fields, in order.
    pub(super) fields: &'static [(&'static str, Kind)],
    /// Those that are shown if none are asked for.
    pub(super) shown: &'static [&'static str],
    /// Those that can be sorted by.
    pub(super) sortable: &'static [&'static str],
    /// By what they are sorted if nothing else is asked for, as in `sort`.
    pub(super) order: &'static str,
}

/// What is asked of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) per_page: usize,
    /// From 1.
    pub(super) page: usize,
    /// The fields to show; those that are usual if none.
    fields: Option<Vec<&'static str>>,
    /// By which fields, and whether the largest comes first.
    order: Vec<(&'static str, Kind, bool)>,
    filters: Vec<Filter>,
    /// Everything but the page, for the addresses of other pages.
    pub(super) query: Vec<(String, String)>,
}

impl Listing {
    /// Reads a query.
    ///
    /// # Errors
    /// Names what cannot be asked for.
    pub(super) fn read(&self, query: &str) -> Result<Asked, Problem> {
        let mut asked = Asked {
            per_page: DEFAULT_PER_PAGE,
            page: 1,
            fields: None,
            order: self.order(self.order)?,
            filters: Vec::new(),
            query: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "per_page" => {
                    asked.per_page = number("per_page", &value, MAX_PER_PAGE)?;
                    continue;
                }
                "page" => {
                    asked.page = number("page", &value, MAX_PAGE)?;
                    continue;
                }
                "sort" => asked.order = self.order(&value)?,
                "fields" => asked.fields = Some(self.chosen(&value)?),
                "search_after" | "search_before" => {
                    let detail = format!("{name}: pages have numbers here; use `page`");
                    return Err(Problem::bad_request(detail));
                }
                _ => asked.filters.push(self.filter(&name, &value)?),
            }
            asked.query.push((name.into_owned(), value.into_owned()));
        }
        Ok(asked)
    }

    fn find(&self, name: &str) -> Option<(&'static str, Kind)> {
        self.fields.iter().find(|(field, _)| *field == name).copied()
    }

    fn order(&self, text: &str) -> Result<Vec<(&'static str, Kind, bool)>, Problem> {
        let mut order = Vec::new();
        let mut bad = Vec::new();
        for field in text.split(',').map(str::trim).filter(|field| !field.is_empty()) {
            let name = field.strip_prefix('-');
            match self.find(name.unwrap_or(field)) {
                Some((known, kind)) if self.sortable.contains(&known) => {
                    order.push((known, kind, name.is_some()));
                }
                _ => bad.push(name.unwrap_or(field)),
            }
        }
        // In R-Service's own words.
        if bad.is_empty() { Ok(order) } else { Err(not_allowed("Sorting", &bad)) }
    }

    fn chosen(&self, text: &str) -> Result<Vec<&'static str>, Problem> {
        let named: Vec<_> =
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let unknown: Vec<_> =
            named.iter().copied().filter(|name| self.find(name).is_none()).collect();
        if !unknown.is_empty() {
            let known: Vec<_> = self.fields.iter().map(|(field, _)| *field).collect();
            let unknown: String = unknown.join(", ").chars().take(200).collect();
            let detail = format!("fields: there is no {unknown}; there are {}", known.join(", "));
            return Err(Problem::bad_request(detail));
        }
        let is_shown = |field: &str| field == "id" || named.contains(&field);
        Ok(self.fields.iter().map(|(field, _)| *field).filter(|field| is_shown(field)).collect())
    }

    fn filter(&self, name: &str, value: &str) -> Result<Filter, Problem> {
        let (plain, is_not) = match name.strip_suffix('!') {
            Some(plain) => (plain, true),
            None => (name, false),
        };
        let reference = || {
            let of = plain.strip_suffix("_id")?;
            self.find(of).filter(|(_, kind)| *kind == Kind::Reference)
        };
        let plain = if plain == "ids" { "id" } else { plain };
        let found = self.find(plain).or_else(reference);
        let found = found.filter(|(_, kind)| *kind != Kind::Other);
        let (field, kind) = found.ok_or_else(|| not_allowed("Filtering", &[name]))?;
        let test = if is_not { Test::read_not(kind, value) } else { Test::read(kind, value) };
        let test = test.map_err(|error| Problem::bad_request(format!("{field}: {error}")))?;
        Ok(Filter { field, kind, test })
    }
}

impl Asked {
    /// Those that are asked for, in order.
    pub(super) fn choose(&self, mut records: Vec<Record>) -> Vec<Record> {
        records.retain(|record| self.filters.iter().all(|filter| filter.holds(record)));
        // By each field, the last first: what is equal stays as it is.
        for (field, kind, is_descending) in self.order.iter().rev() {
            records.sort_by(|one, other| {
                let of = |record: &Record| kind.key(record.get(field));
                let ordering = of(one).cmp(&of(other));
                if *is_descending { ordering.reverse() } else { ordering }
            });
        }
        records
    }

    /// A record with the fields that are asked for.
    pub(super) fn show(&self, listing: &Listing, record: &Record) -> Record {
        match &self.fields {
            None => record.some_of(listing.shown),
            Some(fields) => record.all_of(fields),
        }
    }
}

fn number(name: &str, text: &str, most: usize) -> Result<usize, Problem> {
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Problem::bad_request(format!("{name}: `{shown}` is not a number from 1 up to {most}"))
    })
}

fn not_allowed(what: &str, fields: &[&str]) -> Problem {
    let fields: String = fields.join(", ").chars().take(200).collect();
    Problem::bad_request(format!("{what} not allowed on fields: {fields}"))
}
