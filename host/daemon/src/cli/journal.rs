//! `hookwright journal`.

use serde_json::{Map, Value};

use super::client::Client;
use super::output;
use super::setup::edit::Set;

#[derive(clap::Subcommand)]
pub(super) enum Journal {
    /// See what is kept, for how long, and how much there is.
    Show,
    /// Change what is kept.
    #[command(after_help = "Examples:
  hookwright journal set keep_for=30d keep_bytes=10GiB
  hookwright journal set --patch '{\"redact\": []}' --dry-run")]
    Set(Set),
    /// Erase events with all that belongs to them, and posts that could not be read. What was to
    /// be delivered is canceled. It cannot be undone.
    Erase(Erase),
}

#[derive(clap::Args)]
pub(super) struct Erase {
    #[command(flatten)]
    what: What,
    /// Only of this source.
    #[arg(long)]
    source: Option<String>,
    /// Show how much would be erased, and erase nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write the store anew afterwards, however large it is: posts wait meanwhile. A small one is
    /// without being asked.
    #[arg(long)]
    rewrite: bool,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// All about the ticket of this number; of tickets that have no number, by its id.
    #[arg(long, value_name = "NUMBER")]
    ticket: Option<String>,
    /// All about the ticket that has this id at its helpdesk.
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// Everything in which this address is found, in whatever form it is written.
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    /// Everything in which exactly this text is found.
    #[arg(long)]
    text: Option<String>,
}

impl Journal {
    pub(super) async fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::Show => show(client).await,
            Self::Set(set) => set.journal(client).await,
            Self::Erase(erase) => erase.run(client).await,
        }
    }
}

async fn show(client: &Client) -> anyhow::Result<()> {
    let shown: Value = client.get("/v1/journal").await?;
    if client.json {
        return output::json(&shown);
    }
    let settings = shown["settings"].as_object().into_iter().flatten();
    let sizes = [("bytes kept", "journal"), ("bytes free", "free")];
    let sizes = sizes.map(|(name, field)| (name.to_owned(), shown["bytes"][field].to_string()));
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(rules) => format!("{} rules", rules.len()),
        other => other.to_string(),
    };
    let rows = settings.map(|(name, value)| (name.clone(), plain(value))).chain(sizes);
    output::table(&["what", "how much"], rows.map(|(name, value)| vec![name, value]));
    Ok(())
}

impl Erase {
    async fn run(self, client: &Client) -> anyhow::Result<()> {
        let What { ticket, subject, person, text } = self.what;
        let asked = [("ticket", ticket), ("subject", subject), ("person", person), ("text", text)];
        let asked = asked.into_iter().chain([("source", self.source)]);
        let mut document: Map<String, Value> = asked
            .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))))
            .collect();
        document.insert("dry_run".into(), self.dry_run.into());
        document.insert("rewrite".into(), self.rewrite.into());
        let report: Value = client.post("/v1/erasures", &document).await?;
        if client.json {
            return output::json(&report);
        }
        let counts = report.as_object().into_iter().flatten();
        let rows = counts.filter(|(_, value)| value.is_u64());
        output::table(
            &["what", "how many"],
            rows.map(|(name, count)| vec![name.clone(), count.to_string()]),
        );
        match (self.dry_run, report["log_emptied"] == true) {
            (true, _) => println!("Nothing was erased (--dry-run)."),
            (false, true) => println!("Erased. Copies made before still hold it."),
            (false, false) => println!(
                "Erased. The store's log is being read, and is emptied as soon as it is not. \
                 Copies made before still hold it."
            ),
        }
        if !self.dry_run && report["rewritten"] != true {
            println!(
                "Between rows that the store moved before, a copy can be left: run it once more \
                 with --rewrite, at a quiet time."
            );
        }
        Ok(())
    }
}
