//! Answers to requests that can be sent again.

use std::time::Duration;

use hookwright_model::{Digest, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Begun, Result, StoreError, Vault};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many are kept. The oldest goes first.
const MOST: i64 = 1_000;

/// What a row is sealed for, so that none can be put in another's place.
fn purpose(id: Digest) -> String {
    format!("idempotency {id}")
}

pub(super) fn begin(
    connection: &Connection,
    vault: &Vault,
    id: Digest,
    request: &[u8],
    now: Timestamp,
) -> Result<Begun> {
    let too_old = now.before(KEPT).millis();
    connection.execute("DELETE FROM idempotency WHERE at <= ?1", [too_old])?;
    let sealed = connection
        .query_row("SELECT sealed FROM idempotency WHERE id = ?1", [id.as_bytes()], |row| {
            row.get::<_, Vec<u8>>(0)
        })
        .optional()?;
    if let Some(sealed) = sealed {
        let opened = vault.open(&purpose(id), &sealed).ok_or_else(|| {
            StoreError::Damaged("the answer to a repeated request cannot be decrypted".into())
        })?;
        let (before, answer) = opened.expose().split_at_checked(32).unwrap_or_default();
        return Ok(match (before == request, answer) {
            (false, _) => Begun::Other,
            (true, []) => Begun::Unknown,
            (true, answer) => Begun::Answered(answer.to_vec()),
        });
    }
    write(connection, vault, id, request, now)?;
    connection.execute(
        "DELETE FROM idempotency WHERE id IN \
         (SELECT id FROM idempotency ORDER BY at DESC LIMIT -1 OFFSET ?1)",
        [MOST],
    )?;
    Ok(Begun::Now)
}

/// Keeps the answer beside what the request was.
pub(super) fn end(
    connection: &Connection,
    vault: &Vault,
    id: Digest,
    request: &[u8],
    answer: Option<&[u8]>,
    now: Timestamp,
) -> Result<()> {
    match answer {
        Some(answer) => write(connection, vault, id, &[request, answer].concat(), now),
        None => {
            connection.execute("DELETE FROM idempotency WHERE id = ?1", [id.as_bytes()])?;
            Ok(())
        }
    }
}

fn write(
    connection: &Connection,
    vault: &Vault,
    id: Digest,
    document: &[u8],
    now: Timestamp,
) -> Result<()> {
    let sealed = vault.seal(&purpose(id), document).map_err(StoreError::Other)?;
    connection
        .execute(
            "INSERT OR REPLACE INTO idempotency VALUES (?1, ?2, ?3)",
            params![id.as_bytes(), now.millis(), sealed],
        )
        .map(drop)
        .map_err(StoreError::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    fn open() -> (Connection, Vault) {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        (connection, Vault::from_text(key, "test").unwrap())
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn a_request_is_done_once() {
        let (connection, vault) = open();
        let (id, request) = (Digest::of(b"key"), [7; 32]);
        let begin = |request: &[u8; 32], now| begin(&connection, &vault, id, request, now).unwrap();
        assert_eq!(begin(&request, at(0)), Begun::Now);
        assert_eq!(begin(&request, at(1)), Begun::Unknown);
        end(&connection, &vault, id, &request, Some(b"a secret answer"), at(2)).unwrap();
        assert_eq!(begin(&request, at(3)), Begun::Answered(b"a secret answer".to_vec()));
        assert_eq!(begin(&[8; 32], at(3)), Begun::Other);
        let row: Vec<u8> =
            connection.query_row("SELECT sealed FROM idempotency", [], |row| row.get(0)).unwrap();
        assert!(!row.windows(6).any(|part| part == b"secret"));
        // A day later it is forgotten; and at once if nothing was made.
        assert_eq!(begin(&[8; 32], at(24 * 60 * 60 * 1000 + 2)), Begun::Now);
        end(&connection, &vault, id, &request, None, at(4)).unwrap();
        assert_eq!(begin(&request, at(5)), Begun::Now);
    }

    #[test]
    fn there_are_not_too_many() {
        let (connection, vault) = open();
        for number in 0..MOST + 5 {
            let id = Digest::of(&number.to_be_bytes());
            begin(&connection, &vault, id, &[0; 32], at(number)).unwrap();
        }
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM idempotency"), MOST);
        assert_eq!(count("SELECT min(at) FROM idempotency"), at(5).millis());
    }
}
