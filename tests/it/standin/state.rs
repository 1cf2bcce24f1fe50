//! What the stand-in knows: a company with two organizations, its operators and its tokens.

use std::collections::VecDeque;
use std::time::Instant;

use axum::http::Uri;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::fault::Fault;
use super::token;

/// The company's login.
pub(crate) const LOGIN: &str = "owner@example.com";
/// Its password, with characters that have to be escaped.
pub(crate) const PASSWORD: &str = "correct \"horse\" battery";
/// Its dashboard's token, which never expires.
pub(crate) const COMPANY_TOKEN: &str = "company-token-of-the-dashboard-0123456789";

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

impl Recorded {
    /// As `POST /api/operator/get-token`.
    pub(crate) fn call(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Everything that it gives away.
    pub(super) fn words(&self) -> String {
        let authorization = self.header("authorization").unwrap_or_default();
        format!("{authorization} {}", self.body)
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What it knows, and remembers.
pub(crate) struct State {
    pub(crate) organizations: Vec<(u64, String)>,
    pub(crate) operators: Vec<Operator>,
    /// What to do wrong, and on which path.
    pub(crate) faults: VecDeque<(String, Fault)>,
    pub(crate) requests: Vec<Recorded>,
    /// The company tokens that are valid.
    pub(crate) valid: Vec<String>,
    /// Every operator token that was handed out.
    pub(crate) minted: Vec<String>,
    /// Whether replies with one token are objects, as on another page of the documentation.
    pub(crate) objects: bool,
    /// Every company token that the login gave.
    pub(crate) logins: Vec<String>,
    /// The password of the login.
    pub(crate) password: String,
    /// How far its clock is ahead of ours.
    pub(crate) ahead: SignedDuration,
}

/// An operator.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    pub(crate) id: u64,
    pub(crate) organization: u64,
    pub(crate) name: String,
    /// 0 active, 1 inactive, 2 deleted.
    pub(crate) status: u64,
}

impl State {
    pub(super) fn new() -> Self {
        let operator = |id, organization, name: &str, status| Operator {
            id,
            organization,
            name: name.to_owned(),
            status,
        };
        Self {
            organizations: vec![(6, "Customer Support".into()), (24, "Sales".into())],
            operators: vec![
                operator(100, 6, "Olena", 1),
                operator(101, 6, "Taras", 0),
                operator(102, 24, "Sales desk", 0),
                operator(103, 24, "Former", 2),
            ],
            faults: VecDeque::new(),
            requests: Vec::new(),
            valid: vec![COMPANY_TOKEN.to_owned()],
            minted: Vec::new(),
            objects: false,
            logins: Vec::new(),
            password: PASSWORD.to_owned(),
            ahead: SignedDuration::ZERO,
        }
    }

    /// Takes the next fault for a request, whose path ends so, or its query.
    pub(super) fn fault(&mut self, address: &Uri) -> Option<Fault> {
        let query = address.query().unwrap_or_default();
        let place = self.faults.iter().position(|(end, _)| {
            address.path().ends_with(end) || (!query.is_empty() && query.ends_with(end))
        })?;
        self.faults.remove(place).map(|(_, fault)| fault)
    }

    /// The time by its clock.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::now() + self.ahead
    }

    /// No company token is valid any more, nor is the dashboard's.
    pub(crate) fn expire_company_tokens(&mut self) {
        self.valid.clear();
    }

    /// A company token for the login.
    pub(super) fn log_in(&mut self) -> String {
        let claims = json!({ "company": 1, "login": self.logins.len() });
        let token = token::sign(&claims);
        self.valid.push(token.clone());
        self.logins.push(token.clone());
        token
    }

    /// An operator token, or why there is none.
    pub(super) fn mint(&mut self, body: &Value) -> Result<String, (u16, &'static str)> {
        let operator = self
            .operators
            .iter()
            .find(|o| Some(o.id) == body["id"].as_u64());
        let operator = operator.ok_or((404, "Operator not found"))?;
        if operator.status != 0 {
            return Err((400, "Operator is not active"));
        }
        let expires = body["expiresAt"]
            .as_str()
            .and_then(|time| time.parse().ok());
        let expires: Timestamp = expires.ok_or((400, "expiresAt is not a date"))?;
        let now = self.now();
        let lifetime = expires.duration_since(now);
        if lifetime > SignedDuration::from_hours(24) {
            return Err((400, "Token lifetime must not exceed 24 hours"));
        }
        if lifetime <= SignedDuration::ZERO {
            return Err((400, "expiresAt is in the past"));
        }
        let claims = json!({
            "sub": operator.id.to_string(),
            "organizationId": operator.organization,
            // Two tokens of one second are two.
            "jti": self.minted.len(),
            "iat": now.as_second(),
            "exp": expires.as_second(),
        });
        let token = token::sign(&claims);
        self.minted.push(token.clone());
        Ok(token)
    }

    /// What it says of an operator token.
    pub(super) fn validate(&self, token: &str) -> Value {
        let invalid = |error: &str| json!({ "valid": false, "error": error });
        let Some(claims) = token::read(token) else {
            return invalid("Invalid token");
        };
        let id = claims["sub"].as_str().and_then(|id| id.parse::<u64>().ok());
        let operator = self.operators.iter().find(|o| Some(o.id) == id);
        let Some(operator) = operator.filter(|o| o.status == 0) else {
            return invalid("Operator is not active");
        };
        let expires = Timestamp::from_second(claims["exp"].as_i64().unwrap()).unwrap();
        if expires <= self.now() {
            return invalid("Token expired");
        }
        json!({ "valid": true, "operatorId": operator.id, "expiresAt": format!("{expires:.3}") })
    }

    /// Adds operators as it is asked to: also names that are there already.
    pub(super) fn synchronize(&mut self, body: &Value) -> Result<Value, (u16, &'static str)> {
        let new = body.as_array().filter(|new| new.len() <= 100);
        let new = new.ok_or((400, "an array of at most 100 operators"))?;
        let mut added = Vec::new();
        for operator in new {
            let id = 1 + self.operators.iter().map(|o| o.id).max().unwrap();
            let name = operator["name"].as_str().ok_or((400, "name"))?.to_owned();
            let organization = operator["organizationId"].as_u64();
            let organization = organization.ok_or((400, "organizationId"))?;
            added.push(json!({ "id": id, "name": name, "status": 0 }));
            self.operators.push(Operator {
                id,
                organization,
                name,
                status: 0,
            });
        }
        Ok(added.into())
    }

    /// Changes a status.
    pub(super) fn set_status(&mut self, body: &Value) -> Result<(), (u16, &'static str)> {
        let operator = self
            .operators
            .iter_mut()
            .find(|o| Some(o.id) == body["id"].as_u64());
        let operator = operator.ok_or((404, "Operator not found"))?;
        let status = body["status"].as_u64().filter(|status| *status <= 2);
        operator.status = status.ok_or((400, "status"))?;
        Ok(())
    }
}
