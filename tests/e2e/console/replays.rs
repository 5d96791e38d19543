//! Making replays by a form.

use hookwright_tests::Browser;

use super::Desk;
use super::frame::check;

#[test]
fn counted_made_started_and_removed() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "operator");
    let new = "/console/replays/new";
    let fields =
        [("what", "redeliver"), ("subscription", "gone"), ("states", "failed"), ("rate", "20")];
    let preview = browser.post(new, &fields).expect(200);
    check("preview", &preview);
    assert!(preview.text().contains("It would make 1 delivery."), "{}", preview.text());
    assert_eq!(preview.field("subscription").as_deref(), Some("gone"));
    assert_eq!(preview.field("rate").as_deref(), Some("20"));
    assert_eq!(desk.daemon.api().items("/v1/replays").len(), 1, "nothing was made");
    let made = browser.post(new, &[&fields[..], &[("make", "yes")]].concat()).expect(303);
    let path = made.location().to_owned();
    let page = browser.get(&path).expect(200);
    check(&path, &page);
    assert!(page.text().contains("It is made, and waits to be started."), "{}", page.text());
    assert!(page.text().contains("0 of 1 are in the queue or were"), "{}", page.text());
    drop(browser.post(&format!("{path}/pause"), &[]).expect(409));
    drop(browser.post(&format!("{path}/explode"), &[]).expect(400));
    drop(browser.post(&format!("{path}/start"), &[]).expect(303));
    let done = browser.until(&path, "1 of 1 are in the queue or were");
    assert!(!done.html.contains(&format!("{path}/cancel")), "{}", done.html);
    let removed = browser.post(&format!("{path}/remove"), &[]).expect(303);
    assert_eq!(removed.location(), "/console/replays");
    drop(browser.get(&path).expect(404));
    let other = format!("/console/replays/{}", desk.replay);
    drop(browser.post(&format!("{other}/cancel"), &[]).expect(303));
    assert!(browser.get(&other).text().contains("canceled"));
}

#[test]
fn mistakes_are_told_beside_the_form() {
    let desk = Desk::new();
    let browser = Browser::logged_in(&desk.daemon, "operator");
    for (fields, words) in [
        (&[("what", "backfill")][..], "/backfill/subscription"),
        (&[("what", "redeliver"), ("rate", "x")], "`x` is no whole number"),
        (&[("what", "redeliver"), ("rate", "5000"), ("states", "failed")], "/rate"),
        (&[("what", "redeliver"), ("states", "")], "name a state"),
        (&[("what", "redeliver"), ("states", "failed"), ("subscription", "no")], "`no`"),
        (&[("what", "redeliver"), ("states", "failed"), ("since", "x")], "`x` is no moment"),
        (&[("what", "backfill"), ("subscription", "gone"), ("events", "a*")], "/backfill/events"),
    ] {
        let page = browser.post("/console/replays/new", fields).expect(422);
        check("mistake", &page);
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert_eq!(desk.daemon.api().items("/v1/replays").len(), 1);
}
