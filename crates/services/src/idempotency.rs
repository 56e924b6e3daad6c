//! Attempts that may be repeated: of all requests with one `Idempotency-Key` one is carried out, the others get its answer.

use std::sync::Arc;

use chrono::TimeDelta;
use commandcenter_domain::idempotency::{Answer, AttemptName, AttemptRow, IdempotencyError, NewAttempt, Record, Reservation};
use commandcenter_domain::identity::{Caller, Credential, SecretCipher};
use commandcenter_domain::shared::{ProjectId, Timestamp};
use commandcenter_domain::{Clock, Store, StoreError};
use sha2::{Digest, Sha256};

/// How long the first answer is given again.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);
/// How long a holder may be silent before another takes over: it says that it lives far more often.
const ABANDONED: TimeDelta = TimeDelta::seconds(60);

/// What a request with a key turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The first: to be carried out.
    First(Reservation),
    /// A repetition of one that ended: to be compared with the record.
    Repeated(Record),
}

/// Reserves attempts, keeps their answers, gives them again.
pub struct IdempotencyService {
    store: Arc<dyn Store>,
    cipher: Arc<dyn SecretCipher>,
    clock: Arc<dyn Clock>,
}

impl IdempotencyService {
    /// The service over its ports.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, cipher: Arc<dyn SecretCipher>, clock: Arc<dyn Clock>) -> Self {
        Self { store, cipher, clock }
    }

    /// Reserves an attempt of the caller, in the project it is made in, or finds the record of the first one.
    ///
    /// # Errors
    /// [`IdempotencyError::InProgress`] while the first is carried out.
    pub async fn begin(&self, caller: &Caller, project: Option<ProjectId>, name: &AttemptName) -> Result<Attempt, IdempotencyError> {
        let at = self.clock.now();
        let slot = slot(caller, project, name);
        let new = NewAttempt { slot, user: caller.user, project, at, expires_at: at + REMEMBERED };
        if let Some(reservation) = self.reserve(&new).await? {
            return Ok(Attempt::First(reservation));
        }
        let row = self.store.repos().idempotency().find(&new.slot).await?;
        match row {
            Some(row) if !is_over(&row, at) => self.recall(&new.slot, row).map(Attempt::Repeated),
            over => self.take_over(&new, over).await.map(Attempt::First),
        }
    }

    /// Says that the holder of a reservation lives.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn renew(&self, reservation: &Reservation) -> Result<(), StoreError> {
        self.store.repos().idempotency().renew(reservation.id, self.clock.now()).await
    }

    /// Keeps the answer of an attempt that was carried out, sealed.
    ///
    /// # Errors
    /// When it cannot be sealed or stored. Then the reservation stays until it counts as abandoned.
    pub async fn complete(&self, reservation: &Reservation, fingerprint: String, answer: Answer) -> Result<(), IdempotencyError> {
        let record = serde_json::to_string(&Record { fingerprint, answer })?;
        let sealed = self.cipher.seal(&record, &context(&reservation.slot))?;
        let is_kept = self.store.repos().idempotency().complete(reservation.id, sealed).await?;
        if !is_kept {
            tracing::warn!(attempt = %reservation.id, "an attempt was taken over while it was carried out");
        }
        Ok(())
    }

    /// Gives a reservation up, so that the client may try again with the same key.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn release(&self, reservation: &Reservation) -> Result<(), StoreError> {
        self.store.repos().idempotency().release(reservation.id).await
    }

    /// Removes what has expired. Answers how many there were.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        self.store.repos().idempotency().remove_expired(self.clock.now()).await
    }

    async fn reserve(&self, new: &NewAttempt) -> Result<Option<Reservation>, StoreError> {
        let id = self.store.repos().idempotency().reserve(new).await?;
        Ok(id.map(|id| Reservation { id, slot: new.slot.clone() }))
    }

    /// Reserves a slot whose attempt is over or went away meanwhile. Of several that do so at once one gets it.
    async fn take_over(&self, new: &NewAttempt, over: Option<AttemptRow>) -> Result<Reservation, IdempotencyError> {
        if let Some(row) = over {
            self.store.repos().idempotency().clear(&row).await?;
        }
        self.reserve(new).await?.ok_or(IdempotencyError::InProgress)
    }

    fn recall(&self, slot: &str, row: AttemptRow) -> Result<Record, IdempotencyError> {
        let sealed = row.sealed.ok_or(IdempotencyError::InProgress)?;
        Ok(serde_json::from_str(&self.cipher.open(&sealed, &context(slot))?)?)
    }
}

/// Whether an attempt no longer stands in the way: forgotten by now, or left by a holder that died.
fn is_over(row: &AttemptRow, now: Timestamp) -> bool {
    let is_abandoned = row.sealed.is_none() && row.renewed_at + ABANDONED <= now;
    row.expires_at <= now || is_abandoned
}

/// The digest that names an attempt. Each part is preceded by its length, so that no two names read the same.
fn slot(caller: &Caller, project: Option<ProjectId>, name: &AttemptName) -> String {
    let project = project.map(|id| id.to_string()).unwrap_or_default();
    let mut digest = Sha256::new();
    for part in [&owner(caller), &project, &name.operation, name.key.as_str()] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}

/// Whose keys are told apart. Sessions are their account's, so that logging in anew does not forget what was sent. An API key stands for
/// itself: it may do less than its account, and must not be given what that was answered.
fn owner(caller: &Caller) -> String {
    match caller.credential {
        Credential::Session(_) => format!("user:{}", caller.user),
        Credential::PersonalKey(key) | Credential::ProjectKey { key, .. } => format!("key:{key}"),
    }
}

fn context(slot: &str) -> String {
    format!("idempotency:{slot}")
}
