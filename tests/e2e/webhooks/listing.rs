//! Pages, filters, order and fields.

use serde_json::{Value, json};

use super::{create, start};

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect()
}

#[test]
fn pages_are_linked() {
    let daemon = start();
    let api = daemon.api();
    for number in 1..=23 {
        let event = if number % 2 == 0 { "problem.update" } else { "ci.create" };
        let uri = format!("https://a.example/{number}");
        drop(create(&api, &json!({ "name": format!("W {number}"), "event": event, "uri": uri })));
    }
    let get = |path: &str| {
        // As the product's clients send them.
        let headers = [("X-4me-Account", "wdc"), ("X-Xurrent-Account", "wdc")];
        api.try_send("GET", path, &headers, b"").unwrap().expect(200)
    };
    let first = get("/webhooks");
    let number = |answer: &hookwright_tests::Answer, name: &str| -> usize {
        answer.headers[format!("x-pagination-{name}")].to_str().unwrap().parse().unwrap()
    };
    assert_eq!(number(&first, "per-page"), 20);
    assert_eq!(number(&first, "current-page"), 1);
    assert_eq!(number(&first, "total-pages"), 2);
    assert_eq!(number(&first, "total-entries"), 23);
    assert_eq!(ids(&first.json()), (4..=23).rev().collect::<Vec<_>>());

    // Following the links, with a filter that has a comma in it.
    let mut next = Some("/webhooks?per_page=5&sort=id&event=problem.update,team.create".to_owned());
    let mut seen = Vec::new();
    let mut rels = Vec::new();
    while let Some(path) = next {
        let answer = get(&path);
        seen.extend(ids(&answer.json()));
        let link = answer.headers["link"].to_str().unwrap().to_owned();
        let links: Vec<(String, String)> = link
            .split(',')
            .map(|link| {
                let (url, rel) = link.split_once(';').unwrap();
                let url = url.trim().trim_matches(['<', '>']);
                let path = url.strip_prefix(&daemon.url()).unwrap();
                (rel.trim().to_owned(), path.to_owned())
            })
            .collect();
        rels.push(links.iter().map(|(rel, _)| rel.clone()).collect::<Vec<_>>().join(" "));
        let found = links.into_iter().find(|(rel, _)| rel == "rel=\"next\"");
        next = found.map(|(_, path)| path);
    }
    assert_eq!(seen, (1..=11).map(|half| half * 2).collect::<Vec<_>>());
    assert_eq!(
        rels,
        [
            "rel=\"next\" rel=\"last\"",
            "rel=\"next\" rel=\"prev\" rel=\"first\" rel=\"last\"",
            "rel=\"prev\" rel=\"first\"",
        ]
    );
    let whole = get("/webhooks?per_page=100");
    assert_eq!((ids(&whole.json()).len(), whole.headers.get("link")), (23, None));
    assert!(ids(&get("/webhooks?page=9").json()).is_empty());
    let none = get("/webhooks/disabled");
    assert_eq!((ids(&none.json()).len(), number(&none, "total-entries")), (0, 0));

    assert_eq!(ids(&get("/webhooks?id=%3E3%3C6&event=!problem.update").json()), [5]);
    assert_eq!(ids(&get("/webhooks?name=w%207").json()), [7]);
    assert_eq!(ids(&get("/webhooks?last_error=!").json()), Vec::<i64>::new());
    let fields = get("/webhooks?id=7&fields=uri,webhook_policy").json();
    assert_eq!(fields, json!([{ "id": 7, "uri": "https://a.example/7", "webhook_policy": null }]));

    let problem = api.get("/webhooks?sort=problem").problem(400);
    assert_eq!(problem["message"], "Sorting not allowed on fields: problem");
    for bad in ["per_page=101", "page=0", "team=7", "fields=x", "id=x", "search_after=x"] {
        drop(api.get(&format!("/webhooks?{bad}")).problem(400));
    }
}
