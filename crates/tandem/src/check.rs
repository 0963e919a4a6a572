//! `tandem check`: everything that is wrong, before a motor moves.

use tandem_config::Config;

use crate::arguments::ConfigFile;
use crate::failure::Failure;

pub(crate) fn run(arguments: &ConfigFile) -> Result<(), Failure> {
    let findings = tandem_config::check(&arguments.config);
    for finding in &findings {
        println!("{finding}");
    }
    let file = arguments.config.display();
    match findings.len() {
        0 => {
            println!("{file}: sound, and so are its URDF and both bundles");
            for fact in tandem_config::unchecked(&Config::load(&arguments.config)?) {
                println!("not checked: {fact}");
            }
            Ok(())
        }
        1 => Err(Failure::usage(format!("{file}: one finding, above"))),
        n => Err(Failure::usage(format!("{file}: {n} findings, above"))),
    }
}
