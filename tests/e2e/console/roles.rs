//! Who may see and do what.

use hookwright_tests::Browser;

use super::Desk;
use super::frame::check;

#[test]
fn each_role_sees_and_does_what_it_may() {
    let desk = Desk::new();
    let [_, failed, _, waiting] = &desk.deliveries;
    let (reject, replay) = (&desk.reject, &desk.replay);
    let posts = [
        format!("/console/deliveries/{failed}/retry"),
        format!("/console/deliveries/{waiting}/cancel"),
        format!("/console/replays/{replay}/start"),
        format!("/console/rejects/{reject}/remove"),
        "/console/replays/new".to_owned(),
    ];
    let for_operators = |path: &str| path.contains("/audit") || path.ends_with("/new");
    let nobody = Browser::new(&desk.daemon);
    for (path, _) in desk.pages() {
        let page = nobody.get(&path).expect(303);
        check(&path, &page);
        assert!(page.location().starts_with("/console/login?next=%2Fconsole%2F"), "{path}");
        // A part of a page has the page go there.
        let part = nobody.request("GET", &path, &[("hx-request", "true")], Vec::new());
        assert_eq!(part.status, 401);
        assert_eq!(part.header("hx-redirect"), page.location());
        assert!(part.html.is_empty());
    }
    assert_eq!(nobody.get("/console/live").status, 303);
    for path in &posts {
        let own = [("sec-fetch-site", "same-origin")];
        check(path, &nobody.send(path, &[], &own).expect(401));
    }
    for (role, operates) in [("reader", false), ("operator", true)] {
        let browser = Browser::logged_in(&desk.daemon, role);
        for (path, _) in desk.pages() {
            let page = browser.get(&path);
            let may = operates || !for_operators(&path);
            assert_eq!(page.status, if may { 200 } else { 403 }, "{role} {path}");
            check(&path, &page);
            let offers = posts.iter().any(|post| page.html.contains(&format!("action=\"{post}\"")));
            assert!(!offers || operates, "{role} {path}");
        }
        for path in &posts {
            let page = browser.post(path, &[]);
            if operates {
                assert!(matches!(page.status, 303 | 422), "{role} {path}: {}", page.html);
            } else {
                check(path, &page.expect(403));
            }
        }
    }
}
