//! `chathub endpoint`

use anyhow::Context;

use super::ExitCode;
use super::args::EndpointArgs;
use super::log;
use super::settings::{colour_errors, configuration, switch};
use crate::config::Flag;
use crate::endpoint::{Configured, check, run};
use crate::report::Verbosity;
use crate::server::asked_to_end;

pub(super) fn endpoint(args: &EndpointArgs) -> anyhow::Result<ExitCode> {
    colour_errors(args.color);
    let listen = args.listen.clone().map(|value| Flag {
        path: "endpoint.listen",
        name: "--listen",
        value,
    });
    let switches = [
        switch("endpoint.allow-anyone", "--allow-anyone", args.allow_anyone),
        switch("endpoint.log-json", "--log-json", args.log_json),
    ];
    let flags = listen.into_iter().chain(switches.into_iter().flatten());
    let config = configuration(&args.config, None, flags.collect())?;
    check(&config)?;
    log::of_server(
        Verbosity::from_flags(args.quiet, args.verbose),
        config.endpoint.log_json,
    );
    let mint = Configured::new(&config)?;
    let runtime = tokio::runtime::Runtime::new().context("no threads to be had")?;
    runtime.block_on(run(&config, mint, asked_to_end()))?;
    Ok(ExitCode::Success)
}
