//! `chathub endpoint`

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::ExitCode;
use super::args::EndpointArgs;
use super::endpoint_check;
use super::say::with_causes;
use super::server_log;
use super::settings::{colour_errors, configuration};
use crate::endpoint::{Configured, Ending, Hooks, check, run};
use crate::report::Verbosity;
use crate::settings::Config;

/// How long the program stays for what has to be cleaned up.
const LAST_MOMENT: Duration = Duration::from_secs(2);

pub(super) fn endpoint(args: &EndpointArgs) -> anyhow::Result<ExitCode> {
    colour_errors(args.color);
    let config = configure(args)?;
    check(&config)?;
    if args.check {
        return endpoint_check::run(&config, args);
    }
    let log = server_log::of_server(
        Verbosity::from_flags(args.quiet, args.verbose),
        config.endpoint.log_json,
    );
    let mint = Configured::new(&config, None)?;
    let again = {
        let args = args.clone();
        move |former: &Configured| {
            let config = configure(&args).map_err(|error| with_causes(&error))?;
            let mint = Configured::new(&config, Some(former)).map_err(|error| error.to_string())?;
            Ok((config, mint))
        }
    };
    let hooks = Hooks {
        again: Arc::new(again),
        lost: Box::new(log.lost()),
    };
    let runtime = tokio::runtime::Runtime::new().context("no threads to be had")?;
    let ending = runtime.block_on(run(&config, mint, hooks));
    // A secret's command that still runs is killed, which takes a moment; nothing else is waited for.
    runtime.shutdown_timeout(LAST_MOMENT);
    Ok(match ending? {
        Ending::Orderly => ExitCode::Success,
        Ending::AtOnce => ExitCode::Interrupted,
    })
}

fn configure(args: &EndpointArgs) -> anyhow::Result<Config> {
    let config = configuration(&args.config, None, args.settings.given())?;
    config.trust(&["api", "organizations", "endpoint"])?;
    Ok(config)
}
