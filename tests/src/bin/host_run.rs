//! Runs one case under the preloaded checker and prints its report as one line of JSON.
//! Tests start it; see `glisten_tests::rt_cases`.

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("{}", glisten_tests::rt_cases::run(&arguments)?);
    Ok(())
}
