//! Flags that set what has its place in the configuration file, too, in groups: a command has those that do something for it,
//! and knows no other.

use std::ffi::OsString;

use clap::Args;

use crate::config::Flag;

macro_rules! setting_flags {
    ($($(#[doc = $about:literal])+ $group:ident { $(
        $(#[doc = $doc:literal])+ $field:ident = $flag:literal, $path:literal, $value:literal;
    )+ })+) => { $(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Args)]
        #[command(next_help_heading = "Settings (they override chathub.toml and CHATHUB_* variables)")]
        struct $group {
            $(
                $(#[doc = $doc])+
                #[arg(long = $flag, value_name = $value)]
                $field: Option<OsString>,
            )+
        }

        impl $group {
            /// The flags that were given, as settings.
            fn given(&self) -> Vec<Flag> {
                let mut flags = Vec::new();
                $(
                    if let Some(value) = &self.$field {
                        flags.push(Flag { path: $path, name: concat!("--", $flag), value: value.clone() });
                    }
                )+
                flags
            }
        }
    )+ };
}

setting_flags! {
    /// What pages get.
    TagFlags {
        /// placeholder (pages hold no token) or static (they publish one)
        mode = "mode", "mode", "MODE";
        /// Organization of pages that no rule names
        default_organization = "default-organization", "default-organization", "NAME";
        /// Where the runtime fetches its token
        endpoint = "endpoint", "placeholder.endpoint", "URL";
        /// Path that the site is served under
        base_url = "base-url", "placeholder.base-url", "URL";
        /// When the chat loads: eager, idle, visible, interaction or manual
        load = "load", "placeholder.load", "WHEN";
        /// Where visitors can turn when there is no chat, such as mailto:support@example.com
        contact = "contact", "placeholder.contact", "URL";
        /// Where the tag goes: body-end or head-end
        position = "position", "widget.position", "WHERE";
    }

    /// What is in the site, and whose it is.
    SiteFlags {
        /// Folder of the runtime in the site
        asset_dir = "asset-dir", "placeholder.asset-dir", "DIR";
        /// Address of the vendor's script
        widget_src = "widget-src", "widget.src", "URL";
        /// Folder beside the site that symbolic links may lead to, such as /nix/store
        link_root = "link-root", "pages.link-root", "DIR";
    }

    /// What happens beside pages that change.
    CopyFlags {
        /// Compressed copies (.gz, .br, .zst) of changed pages: rebuild, remove or leave
        compressed_siblings = "compressed-siblings", "compressed-siblings", "HOW";
    }

    /// How long tokens must live.
    LifetimeFlags {
        /// How long published tokens must still be valid, such as 90m
        min_ttl = "min-ttl", "verify.min-ttl", "TIME";
    }

    /// What becomes of builds without secrets.
    CredentialFlags {
        /// Without credentials for tokens: fail, or skip (leave every page as it is and say so)
        if_no_credentials = "if-no-credentials", "api.if-no-credentials", "HOW";
    }

    /// Where tokens are minted.
    ApiFlags {
        /// Address of the ChatHub API
        api_url = "api-url", "api.url", "URL";
    }

    /// What passes.
    GateFlags {
        /// Least number of pages that must be judged
        min_pages = "min-pages", "verify.min-pages", "N";
        /// Least severity that fails verify: error, warning or note
        fail_on = "fail-on", "verify.fail-on", "SEVERITY";
    }
}

macro_rules! settings_of {
    ($($(#[doc = $about:literal])+ $command:ident { $($field:ident: $group:ident),+ $(,)? })+) => { $(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Args)]
        pub struct $command {
            $(
                #[command(flatten)]
                $field: $group,
            )+
        }

        impl $command {
            /// The flags that were given, as settings.
            pub(super) fn given(&self) -> Vec<Flag> {
                [$(self.$field.given()),+].concat()
            }
        }
    )+ };
}

settings_of! {
    /// Settings that do something for `chathub inject`.
    InjectSettings {
        tag: TagFlags,
        place: SiteFlags,
        copies: CopyFlags,
        lifetime: LifetimeFlags,
        credentials: CredentialFlags,
        api: ApiFlags,
    }

    /// Settings that do something for `chathub remove`.
    RemoveSettings {
        place: SiteFlags,
        copies: CopyFlags,
    }

    /// Settings that do something for `chathub verify`.
    VerifySettings {
        tag: TagFlags,
        place: SiteFlags,
        lifetime: LifetimeFlags,
        credentials: CredentialFlags,
        gate: GateFlags,
    }

    /// Settings that do something for `chathub explain`.
    ExplainSettings {
        tag: TagFlags,
        place: SiteFlags,
        copies: CopyFlags,
        credentials: CredentialFlags,
    }

    /// Settings that do something for `chathub preview`.
    PreviewSettings {
        tag: TagFlags,
        place: SiteFlags,
        api: ApiFlags,
    }
}
