//! What a mistyped key was meant to be.

/// The parts of a key that are units. Two keys that differ only in these mean the same quantity.
const UNITS: [&str; 25] = [
    "ns", "us", "ms", "s", "min", "hz", "khz", "mhz", "rad", "deg", "s2", "m", "cm", "mm", "px",
    "nm", "mnm", "kg", "g", "percent", "bytes", "kib", "mib", "sec", "seconds",
];

/// Spellings further away than this are no typing mistake (`strsim::jaro_winkler`, 0 to 1).
const SIMILARITY_MIN: f64 = 0.75;

/// The mend for the unknown key `key` beside the known keys `siblings`.
pub(super) fn mend(key: &str, siblings: &[&str]) -> String {
    if let Some(right) = siblings.iter().find(|sibling| differs_in_unit(key, sibling)) {
        let unit = split(right).1.join("_");
        return format!("this key's unit is {unit}: write `{right}`, and the value in that unit");
    }
    let similarity = |sibling: &str| strsim::jaro_winkler(key, sibling);
    let nearest = siblings.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    match nearest {
        Some(nearest) if similarity(nearest) >= SIMILARITY_MIN => {
            format!("the nearest known key is `{nearest}`")
        }
        Some(_) => format!("remove it, or write one of: {}", siblings.join(", ")),
        None => "remove it: this table takes no keys".to_owned(),
    }
}

fn differs_in_unit(a: &str, b: &str) -> bool {
    let ((a_stem, a_unit), (b_stem, b_unit)) = (split(a), split(b));
    a_stem == b_stem && a_unit != b_unit && !b_unit.is_empty() && !b_stem.is_empty()
}

/// The words of a key that name the quantity, and those that name its unit.
fn split(key: &str) -> (Vec<&str>, Vec<&str>) {
    key.split('_').partition(|word| !UNITS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_unit_the_neighbour_or_the_choices() {
        let siblings = ["period_us", "velocity_rad_s_max", "name"];
        for (key, expected) in [
            ("period_ms", "unit is us: write `period_us`"),
            ("period", "unit is us: write `period_us`"),
            ("velocity_deg_s_max", "unit is rad_s: write `velocity_rad_s_max`"),
            ("nmae", "nearest known key is `name`"),
            ("zzz", "write one of: period_us, velocity_rad_s_max, name"),
        ] {
            let mend = mend(key, &siblings);
            assert!(mend.contains(expected), "{key}: {mend}");
        }
    }
}
