fn main() {
    println!(
        "{}",
        match kobling::Plan::parse(
            &std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap()
        ) {
            Ok(p) => p.summary(),
            Err(e) => e.to_string(),
        }
    )
}
