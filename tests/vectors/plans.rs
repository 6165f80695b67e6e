//! Plans, and the digests of their canonical forms.

use kobling::Plan;

use crate::given::{list, vectors, word};

#[test]
fn plans_have_the_digests_of_the_vectors() {
    let vectors = vectors("plans");
    let plans = list(&vectors["plans"]);
    assert_eq!(plans.len(), 3);
    for vector in plans {
        let plan = Plan::parse(word(&vector["toml"])).unwrap_or_else(|found| panic!("{found}"));
        assert_eq!(plan.digest().to_string(), word(&vector["digest"]));
        let rehearsed = plan.rehearsal().digest();
        assert_eq!(rehearsed.to_string(), word(&vector["rehearsal"]));
    }
}
