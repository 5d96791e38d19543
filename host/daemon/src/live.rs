//! That something happened, for whoever watches: which part of the journal changed, and no more.
//! Whoever looks seldom sees one change where there were many, so a burst costs a watcher
//! nothing, and nobody watching costs the daemon nothing.

use tokio::sync::watch;

/// A part of what the daemon keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Deliveries were made, or went on.
    Deliveries,
    /// Events were taken in.
    Events,
    /// Posts could not be read, or can now.
    Rejects,
    /// Replays went on.
    Replays,
}

impl Topic {
    /// All of them, in the order of [`News`].
    pub const ALL: [Self; 4] = [Self::Deliveries, Self::Events, Self::Rejects, Self::Replays];

    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Events => "events",
            Self::Rejects => "rejects",
            Self::Replays => "replays",
        }
    }
}

/// How often each part has changed since the daemon was started, as far as somebody watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News([u64; Topic::ALL.len()]);

impl News {
    /// What has changed since then, and how often.
    pub fn since(self, earlier: Self) -> impl Iterator<Item = (Topic, u64)> {
        let counts = self.0.into_iter().zip(earlier.0).map(|(now, then)| now.saturating_sub(then));
        Topic::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0)
    }
}

/// Tells watchers.
#[derive(Clone, Debug, Default)]
pub struct Live(watch::Sender<News>);

impl Live {
    /// Something of this part has changed, so many times.
    pub fn tell(&self, topic: Topic, count: usize) {
        if count > 0 && self.0.receiver_count() > 0 {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            let add = |news: &mut News| {
                let known = &mut news.0[topic as usize];
                *known = known.saturating_add(count);
            };
            self.0.send_modify(add);
        }
    }

    /// Looks on from now on.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<News> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_are_one_piece_of_news() {
        let live = Live::default();
        live.tell(Topic::Events, 1);
        let mut watcher = live.watch();
        let before = *watcher.borrow_and_update();
        assert_eq!(before, News::default(), "nobody watched");
        for _ in 0..1_000 {
            live.tell(Topic::Replays, 1);
        }
        live.tell(Topic::Deliveries, 3);
        live.tell(Topic::Rejects, 0);
        assert!(watcher.has_changed().unwrap());
        let now = *watcher.borrow_and_update();
        let news: Vec<_> = now.since(before).collect();
        assert_eq!(news, [(Topic::Deliveries, 3), (Topic::Replays, 1_000)]);
        assert!(now.since(now).next().is_none() && !watcher.has_changed().unwrap());
        for (position, topic) in Topic::ALL.into_iter().enumerate() {
            assert_eq!(topic as usize, position);
        }
    }
}
