//! Findings on the policies that the site's hosts send.

use std::ops::Range;

use super::catalog as rules;
use super::{Demands, Rule, Subject};
use crate::csp::{Host, HostFile};
use crate::event::Finding;
use crate::run::LineIndex;
use crate::steps::Served;

/// What they forbid, and what of them is not understood.
pub(super) fn served_findings(demands: &Demands<'_>, served: &Served) -> Vec<Finding> {
    let at = |rule: &'static Rule, file: &HostFile, span: &Range<usize>, message: &str| {
        let page = Subject {
            path: &file.name,
            places: LineIndex::new(file.text.as_bytes()),
        };
        demands.finding_at(rule, &page, span, message)
    };
    let mut findings = Vec::new();
    for block in served.blocks() {
        let Some((file, span)) = block.place(served) else {
            continue;
        };
        let finding = at(
            &rules::CSP_BLOCKS_WIDGET,
            file,
            &span,
            &block.message(served),
        );
        findings.extend(finding.map(|finding| Finding {
            remedy: block.remedy(served).into(),
            ..finding
        }));
    }
    let unread = served.hosts().iter().flat_map(|host: &Host| {
        host.unread
            .iter()
            .filter_map(|unread| Some((host.files.get(unread.file)?, unread)))
    });
    findings.extend(
        unread.filter_map(|(file, unread)| {
            at(&rules::UNREAD_POLICY, file, &unread.span, &unread.why)
        }),
    );
    findings
}
