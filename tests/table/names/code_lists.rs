//! Categories in the plan, and in a code list that the plan is bound to.

use kobling::{ErrorKind, Plan};
use sha2::{Digest as _, Sha256};

use super::{counts, plan_text, register, release_of, table};
use crate::support::{file, refusal};

const LIST: &str = "code,name\nA,Ask\nB,Birch\nC,Cedar\n";

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn plan_with(categories: &str) -> String {
    let column = format!("town = {{ from = 'town', type = 'category', {categories} }}");
    let protect = "min_persons = 3, method = 'suppress'";
    plan_text("one", &column, &table("t", "'people.town'", "", protect))
}

fn with_file(name: &str, digest: &str) -> String {
    plan_with(&format!(
        "categories = {{ file = '{name}', sha256 = '{digest}' }}"
    ))
}

/// What is wrong with a plan in a folder with this code list.
fn findings(list: &[u8], digest: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "towns.csv", list);
    let plan = file(folder.path(), "plan.toml", with_file("towns.csv", digest));
    refusal(Plan::read(plan)).to_string()
}

#[test]
fn a_code_list_is_read_from_the_plans_folder() {
    for list in [
        LIST.to_owned(),
        LIST.replace(',', ";"),
        LIST.replace(',', "\t"),
        LIST.replace('\n', "\r\n"),
        format!("\u{feff}{LIST}"),
        "CODE\nA\nB\nC\n".to_owned(),
        "\"code\";\"name\"\n\"A\";\"a;b\"\n\"B\";\"\"\n\"C\";\"c\"\n".to_owned(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        file(folder.path(), "lists/towns.csv", &list);
        let text = with_file("lists/towns.csv", &sha256(&list).to_uppercase());
        let path = file(folder.path(), "plan.toml", text);
        let plan = Plan::read(&path).unwrap();
        let csv = register("town", &[("A", 4), ("B", 3), ("X", 3), ("Y", 1)]);
        let release = release_of(&plan, &csv).unwrap();
        let wanted = [("A", 4), ("B", 3), ("C", 0), ("other", 4)];
        let wanted = wanted.map(|(name, persons)| (name.to_owned(), Some(persons)));
        assert_eq!(counts(&release, "t"), wanted, "{list:?}");
    }
}

#[test]
fn what_a_list_does_not_have_does_not_leave_the_agency() {
    let plan = plan_with("categories = ['A', 'B']");
    let plan = Plan::parse(&plan).unwrap();
    let key = crate::support::key(&plan);
    let csv = register("town", &[("A", 1), ("Xanadu", 1)]);
    let extract = crate::support::extract(&plan, &key, "people", &csv).unwrap();
    let text = format!("{:?}", extract.to_batch());
    assert!(text.contains("other") && !text.contains("Xanadu"), "{text}");
}

#[test]
fn another_content_is_refused_with_its_digest() {
    let refused = findings(LIST.replace('A', "Å").as_bytes(), &sha256(LIST));
    assert!(refused.contains("towns.csv"), "{refused}");
    assert!(
        refused.contains("is not the file that the plan means"),
        "{refused}"
    );
    assert!(refused.contains(&sha256(LIST)), "{refused}");
    assert!(
        refused.contains(&format!("sha256 = \"{}\"", sha256(&LIST.replace('A', "Å")))),
        "{refused}"
    );
    assert!(
        refused.contains("source.people.columns.town.categories"),
        "{refused}"
    );
    assert!(refused.contains("line "), "{refused}");
}

#[test]
fn a_list_that_cannot_be_used_is_refused_with_what_is_wrong() {
    for (list, rule) in [
        ("A,Ask\nB,Birch\n", "does not call its first column `code`"),
        ("code,name\n", "lists no category"),
        ("code,name\nA,Ask\nA,Birch\n", "lists `A` twice"),
        ("code,name\n,Ask\n", "has an empty category"),
        ("code,name\nA\n", "is no CSV in line 2"),
        ("", "does not call its first column `code`"),
        (
            "code\nother\n",
            "which all categories outside of the list are called",
        ),
    ] {
        let refused = findings(list.as_bytes(), &sha256(list));
        assert!(refused.contains(rule), "{list:?}: {refused}");
        assert!(
            refused.contains("help: ") || rule.contains("twice") || rule.contains("empty"),
            "{refused}"
        );
    }
    let bytes = b"code\n\xe5\n";
    let digest: String = Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let refused = findings(bytes, &digest);
    assert!(refused.contains("is no text in UTF-8"), "{refused}");
}

#[test]
fn a_file_that_is_not_there_or_elsewhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, rule) in [
        ("gone.csv", "cannot be read"),
        ("../towns.csv", "is no path of a file in the plan's folder"),
        ("/etc/passwd", "is no path of a file in the plan's folder"),
        ("", "is no path of a file in the plan's folder"),
    ] {
        let plan = file(folder.path(), "plan.toml", with_file(name, &sha256(LIST)));
        let error = refusal(Plan::read(plan));
        assert_eq!(error.kind(), ErrorKind::Plan);
        assert!(error.to_string().contains(rule), "{error}");
    }
}

#[test]
fn a_plan_without_its_folder_refuses_a_file_clearly() {
    let findings = Plan::parse(&with_file("towns.csv", &sha256(LIST))).unwrap_err();
    let text = findings.to_string();
    assert_eq!(findings.as_slice().len(), 1, "{text}");
    assert!(text.contains("was given without its folder"), "{text}");
    assert!(text.contains("help: read the plan from its file"), "{text}");
}

#[test]
fn the_digest_of_a_list_is_part_of_that_of_the_plan() {
    let digest = |list: &str| {
        let folder = tempfile::tempdir().unwrap();
        file(folder.path(), "towns.csv", list);
        let path = file(
            folder.path(),
            "plan.toml",
            with_file("towns.csv", &sha256(list)),
        );
        Plan::read(path).unwrap().digest()
    };
    assert_eq!(digest(LIST), digest(LIST));
    assert_ne!(digest(LIST), digest(&format!("{LIST}D,Dogwood\n")));
    let listed = |list: &str| Plan::parse(&plan_with(list)).unwrap().digest();
    assert_ne!(listed("categories = ['A']"), listed("categories = ['B']"));
    let (usual, said) = ("categories = ['A']", "categories = ['A'], rare = 'other'");
    assert_eq!(listed(usual), listed(said));
    assert_ne!(listed(usual), listed("categories = ['A'], rare = 'rest'"));
}

#[test]
fn what_makes_no_sense_is_a_finding() {
    for (column, path, rule) in [
        (
            "type = 'integer', categories = ['1']",
            "categories",
            "is for columns of type category",
        ),
        (
            "type = 'integer', rare = 'x'",
            "rare",
            "is for columns of type category",
        ),
        (
            "type = 'category', bands = [1], categories = ['1']",
            "categories",
            "`bands` declares",
        ),
        (
            "type = 'category', map = { a = 'b' }, rare = 'x'",
            "rare",
            "`map` declares",
        ),
        (
            "type = 'category', categories = []",
            "categories",
            "lists no category",
        ),
        (
            "type = 'category', categories = ['a', 'a']",
            "categories.1",
            "lists `a` twice",
        ),
        (
            "type = 'category', categories = ['']",
            "categories.0",
            "has an empty category",
        ),
        (
            "type = 'category', categories = ['other']",
            "categories.0",
            "outside of the list",
        ),
        (
            "type = 'category', categories = ['abc'], prefix = 2",
            "categories.0",
            "longer than what `prefix` keeps",
        ),
        ("type = 'category', rare = ''", "rare", "is empty"),
        (
            "type = 'category', rare = 'x', absent = 'x'",
            "rare",
            "is what `absent` is called",
        ),
    ] {
        let column = format!("town = {{ from = 'town', {column} }}");
        let protect = "min_persons = 3, method = 'suppress'";
        let text = plan_text("one", &column, &table("t", "'people.town'", "", protect));
        let findings = Plan::parse(&text).unwrap_err();
        let path = format!("source.people.columns.town.{path}");
        let found = findings
            .as_slice()
            .iter()
            .find(|finding| finding.path.join(".") == path);
        let found = found.unwrap_or_else(|| panic!("{path}: {findings}"));
        assert!(found.rule.contains(rule), "{findings}");
        assert!(found.line.is_some());
    }
}

#[test]
fn a_level_has_a_place_for_each_declared_category() {
    let columns = "town = { from = 'town', type = 'category', categories = ['A', 'B'] }";
    let level = |map: &str| {
        let level = format!("levels.town = [{{ name = 'side', map = {{ {map} }} }}]");
        let protect = "min_persons = 3, method = 'suppress'";
        Plan::parse(&plan_text(
            "one",
            columns,
            &table("t", "'people.town'", &level, protect),
        ))
    };
    level("A = 'east', B = 'west', other = 'west'").unwrap();
    let findings = level("A = 'east', other = 'west'").unwrap_err();
    let finding = &findings.as_slice()[0];
    assert_eq!(finding.path.join("."), "table.t.levels.town.0.map");
    assert!(finding.rule.contains("does not list `B`"), "{findings}");
    assert!(finding.help.is_some());
}

#[test]
fn the_summary_says_which_categories_there_are() {
    let summary = |plan: &str| Plan::parse(plan).unwrap().summary();
    let listed = summary(&plan_with("categories = ['A', 'B'], rare = 'elsewhere'"));
    assert!(
        listed.contains("2 listed categories, others as `elsewhere`"),
        "{listed}"
    );
    let rare = summary(&plan_with("rare = 'elsewhere'"));
    assert!(rare.contains("rare ones as `elsewhere`"), "{rare}");
}

#[cfg(feature = "cli")]
#[test]
fn plan_check_reads_code_lists() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "towns.csv", LIST);
    let plan = file(
        folder.path(),
        "plan.toml",
        with_file("towns.csv", &sha256(LIST)),
    );
    let check = |plan: &std::path::Path| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kobling"));
        command.args(["plan", "check"]).arg(plan).output().unwrap()
    };
    let checked = check(&plan);
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
    let text = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(text.contains("the 3 categories of towns.csv"), "{text}");
    file(folder.path(), "towns.csv", "code\nZ\n");
    let checked = check(&plan);
    assert!(!checked.status.success());
    let text = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(
        text.contains("is not the file that the plan means"),
        "{text}"
    );
    assert!(text.contains("plan.toml:"), "{text}");
}
