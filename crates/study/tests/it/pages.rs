//! The committed pages say what the committed results say.

use std::fs;
use std::path::Path;

use tandem_study::{Results, refresh};

const STUDIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/studies");

#[test]
fn the_page_holds_the_tables_of_its_results() {
    let folder = Path::new(STUDIES).join("compression-gap");
    let text = fs::read_to_string(folder.join("results.json")).unwrap();
    let results: Results = serde_json::from_str(&text).unwrap();
    let page = fs::read_to_string(folder.with_extension("md")).unwrap();
    assert!(page.contains("<!-- table gains -->"));
    assert!(page == refresh(&page, &results), "the tables differ: run the study's command again");
    for row in &results.rows {
        if let Some(known) = row.bits.action_at_least {
            assert!(known <= row.bits.bound, "{} knows more than it can", row.code.label());
        }
    }
}
