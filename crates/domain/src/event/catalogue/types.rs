//! The types of events, one list per context. A type that is published is added here first.

use super::Presence::{Always, Nullable, Sometimes};
use super::{EventType, Field, Presence, Shape};

/// Every type of event, by context.
pub(super) const ALL: &[&[EventType]] = &[PROJECT, REPOSITORY, TECHNOLOGY, RESEARCH_TASK, JOB, BATCH, SCHEDULE, KNOWLEDGE, SOURCE, LLM];

const fn event(name: &'static str, about: &'static str, fields: &'static [Field]) -> EventType {
    EventType { name, about, fields }
}

const fn number(name: &'static str, about: &'static str) -> Field {
    Field { name, shape: Shape::Integer, presence: Always, about }
}

const fn text(name: &'static str, about: &'static str) -> Field {
    Field { name, shape: Shape::Text, presence: Always, about }
}

const fn flag(name: &'static str, about: &'static str) -> Field {
    Field { name, shape: Shape::Flag, presence: Always, about }
}

impl Field {
    const fn when(self, presence: Presence) -> Self {
        let Self { name, shape, presence: _, about } = self;
        Self { name, shape, presence, about }
    }

    const fn holding(self, shape: Shape) -> Self {
        let Self { name, shape: _, presence, about } = self;
        Self { name, shape, presence, about }
    }
}

const MEMBER: Field = number("user_id", "The account");
const ROLE: Field = text("role", "`viewer`, `member`, `maintainer` or `owner`");

const PROJECT: &[EventType] = &[
    event("cc.project.created.v1", "A project was created.", &[text("name", "Its name")]),
    event("cc.project.updated.v1", "A project's name, owner's text or description changed.", &[]),
    event("cc.project.deleted.v1", "A project was deleted with everything in it.", &[]),
    event("cc.project.member_added.v1", "Somebody became a member.", &[MEMBER, ROLE]),
    event("cc.project.member_changed.v1", "A member's role changed.", &[MEMBER, ROLE]),
    event("cc.project.member_removed.v1", "Somebody is no longer a member.", &[MEMBER]),
];

const REPOSITORY_ID: Field = number("repository_id", "The repository");
const FULL_NAME: Field = text("full_name", "`owner/name`");

const REPOSITORY: &[EventType] = &[
    event(
        "cc.repository.created.v1",
        "A repository is tracked.",
        &[REPOSITORY_ID, FULL_NAME, flag("has_token", "Whether it has a token of its own")],
    ),
    event(
        "cc.repository.updated.v1",
        "What is known of a repository was changed by a person.",
        &[REPOSITORY_ID, text("fields", "The fields that were given").holding(Shape::Texts)],
    ),
    event("cc.repository.deleted.v1", "A repository is no longer tracked.", &[REPOSITORY_ID, FULL_NAME]),
    event(
        "cc.repository.synced.v1",
        "A synchronisation ended well.",
        &[
            REPOSITORY_ID,
            FULL_NAME,
            text("head_sha", "The commit it was read at; null for a repository without commits").when(Nullable),
            number("commits_added", "Commits that were new"),
            number("documents_added", "Documents that were new"),
            number("documents_updated", "Documents whose content changed"),
            number("documents_removed", "Documents that are gone"),
            flag("changes_detected", "Whether anything was new"),
        ],
    ),
];

const TECHNOLOGY_ID: Field = number("id", "The technology");
const TITLE: Field = text("title", "Its title");
const STATUS: Field = text("status", "Its status");
const FORMER_STATUS: Field = text("previous_status", "Its status before");
const VERSION: Field = number("version", "Its version");

const TECHNOLOGY: &[EventType] = &[
    event("cc.technology.created.v1", "A technology was put on the radar.", &[TECHNOLOGY_ID, TITLE, STATUS, VERSION]),
    event("cc.technology.updated.v1", "A technology changed.", &[TECHNOLOGY_ID, TITLE, STATUS, FORMER_STATUS, VERSION]),
    event("cc.technology.deleted.v1", "A technology was taken off the radar.", &[TECHNOLOGY_ID, TITLE, STATUS, VERSION]),
    event("cc.technology.linked.v1", "A repository was linked to a technology.", &[TECHNOLOGY_ID, REPOSITORY_ID]),
    event("cc.technology.unlinked.v1", "A repository was unlinked from a technology.", &[TECHNOLOGY_ID, REPOSITORY_ID]),
];

const TASK_ID: Field = number("id", "The research task");
const PROGRESS: Field = number("progress_percentage", "How far it is, 0 to 100");
const FILENAME: Field = text("filename", "The file's name");

const RESEARCH_TASK: &[EventType] = &[
    event("cc.research_task.created.v1", "A research task was created.", &[TASK_ID, TITLE, STATUS, PROGRESS, VERSION]),
    event("cc.research_task.updated.v1", "A research task changed.", &[TASK_ID, TITLE, STATUS, FORMER_STATUS, PROGRESS, VERSION]),
    event("cc.research_task.deleted.v1", "A research task was deleted.", &[TASK_ID, TITLE, STATUS, PROGRESS, VERSION]),
    event("cc.research_task.document_added.v1", "A file was attached to a research task.", &[TASK_ID, FILENAME]),
    event("cc.research_task.document_removed.v1", "A file was removed from a research task.", &[TASK_ID, FILENAME]),
];

const JOB_FIELDS: &[Field] = &[
    number("job_id", "The job"),
    text("job_type", "Its type"),
    text("status", "Its status"),
    text("error", "Why it failed, if it did").when(Nullable),
];

const JOB: &[EventType] = &[
    event("cc.job.created.v1", "A job was created through the API.", JOB_FIELDS),
    event("cc.job.completed.v1", "A job ended well.", JOB_FIELDS),
    event("cc.job.failed.v1", "A job failed for good.", JOB_FIELDS),
    event("cc.job.cancelled.v1", "A job was cancelled.", JOB_FIELDS),
    event("cc.job.dead.v1", "A job used up its attempts.", JOB_FIELDS),
];

const TOTAL_ITEMS: Field = number("total_items", "Rows or items of the batch");

const BATCH: &[EventType] = &[
    event(
        "cc.batch.created.v1",
        "A batch was asked for.",
        &[
            number("id", "Its job"),
            text("job_type", "Its type"),
            TOTAL_ITEMS,
            text("merge_strategy", "`skip`, `overwrite` or `merge`").when(Sometimes),
        ],
    ),
    event(
        "cc.batch.completed.v1",
        "A batch ended, well or in part.",
        &[
            number("job_id", "Its job"),
            text("job_type", "Its type"),
            text("status", "`completed`, or `failed` when items failed"),
            TOTAL_ITEMS.when(Nullable),
            number("completed_items", "Items that did not fail"),
            number("failed_items", "Items that failed"),
            number("imported_count", "Rows that are new"),
            number("updated_count", "Rows that changed what was there"),
            number("skipped_count", "Rows that were there already"),
            number("failed_count", "Rows that failed"),
        ],
    ),
];

const SCHEDULE_ID: Field = number("id", "The schedule");
const SCHEDULE_NAME: Field = text("name", "Its name");
const DISABLED_REASON: Field = text("reason", "Why it is disabled: `manual`, `finished` or `failures`").when(Nullable);
const SCHEDULE_FIELDS: &[Field] = &[
    SCHEDULE_ID,
    SCHEDULE_NAME,
    text("task_type", "The type of its jobs"),
    text("frequency", "How often it fires"),
    flag("enabled", "Whether it fires"),
    DISABLED_REASON,
    VERSION,
];

const SCHEDULE: &[EventType] = &[
    event("cc.schedule.created.v1", "A schedule was created.", SCHEDULE_FIELDS),
    event("cc.schedule.updated.v1", "A schedule changed.", SCHEDULE_FIELDS),
    event("cc.schedule.deleted.v1", "A schedule was deleted.", SCHEDULE_FIELDS),
    event("cc.schedule.enabled.v1", "A schedule fires again.", SCHEDULE_FIELDS),
    event(
        "cc.schedule.disabled.v1",
        "A schedule fires no more: by a person, or by itself after its last fire or too many failures.",
        &[
            SCHEDULE_ID,
            SCHEDULE_NAME,
            DISABLED_REASON,
            text("task_type", "The type of its jobs; by a person").when(Sometimes),
            text("frequency", "How often it fired; by a person").when(Sometimes),
            flag("enabled", "False; by a person").when(Sometimes),
            number("version", "Its version; by a person").when(Sometimes),
            number("consecutive_failures", "Failures in a row; by itself").when(Sometimes),
            text("last_error", "What its last failure said; by itself").when(Sometimes),
        ],
    ),
    event(
        "cc.schedule.fired.v1",
        "A schedule's time came, and its job was made.",
        &[
            SCHEDULE_ID,
            SCHEDULE_NAME,
            text("fire_at", "The time that came").holding(Shape::Moment),
            number("job_id", "The job"),
            number("run_id", "The entry in its history"),
        ],
    ),
    event(
        "cc.schedule.executed.v1",
        "A schedule was run by hand.",
        &[SCHEDULE_ID, SCHEDULE_NAME, number("job_id", "The job"), flag("forced", "Whether its state was passed over")],
    ),
];

const DOCUMENT_ID: Field = number("document_id", "The document");
const DOCUMENT_VERSION: Field = number("version", "The document's version");

const KNOWLEDGE: &[EventType] = &[
    event("cc.knowledge.document_uploaded.v1", "A file was uploaded and waits to be read.", &[DOCUMENT_ID, FILENAME, DOCUMENT_VERSION]),
    event(
        "cc.knowledge.page_added.v1",
        "A page was named and waits to be read, for the first time or again.",
        &[DOCUMENT_ID, text("url", "Where it is"), DOCUMENT_VERSION],
    ),
    event(
        "cc.knowledge.document_indexed.v1",
        "A document's passages can be found.",
        &[
            DOCUMENT_ID,
            DOCUMENT_VERSION,
            number("chunks", "Its passages"),
            number("embedded_chunks", "Passages with a vector; of an upload").when(Sometimes),
            number("kept_vectors", "Vectors kept from the version before; of an upload").when(Sometimes),
            number("repository_id", "Where it was read; of a repository").when(Sometimes),
            text("path", "Its path there; of a repository").when(Sometimes),
            number("source_id", "Where it came from; of a source").when(Sometimes),
        ],
    ),
    event(
        "cc.knowledge.document_updated.v1",
        "A document was filed anew: its title, category, tags or technology changed.",
        &[DOCUMENT_ID, TITLE],
    ),
    event(
        "cc.knowledge.model_changed.v1",
        "Another embedding model answers from now on.",
        &[text("model", "The model"), number("dimension", "Numbers in a vector"), text("before", "The model before it")],
    ),
    event(
        "cc.knowledge.document_stale.v1",
        "A document has turned stale.",
        &[
            DOCUMENT_ID,
            TITLE,
            number("staleness", "How far it can no longer be relied on, in thousandths"),
            text("reasons", "`age`, `unreachable`, `gone` or `superseded`, heaviest first").holding(Shape::Texts),
        ],
    ),
    event("cc.knowledge.document_deleted.v1", "A document was deleted.", &[DOCUMENT_ID, TITLE]),
    event(
        "cc.knowledge.documents_removed.v1",
        "Documents of a repository are gone, because their files or the repository are.",
        &[REPOSITORY_ID, number("documents", "How many")],
    ),
];

const SOURCE_ID: Field = number("id", "The source");
const SOURCE_NAME: Field = text("name", "What it is called");
const SOURCE_TYPE: Field = text("type", "`rss`, `documentation`, `webhook`, `file_watcher`, `hacker_news` or `github`");
const SOURCE_ENABLED: Field = flag("enabled", "Whether it is read");

const SOURCE: &[EventType] = &[
    event("cc.source.created.v1", "A source was made.", &[SOURCE_ID, SOURCE_NAME, SOURCE_TYPE, SOURCE_ENABLED]),
    event("cc.source.updated.v1", "A source was changed, paused or let go on.", &[SOURCE_ID, SOURCE_NAME, SOURCE_TYPE, SOURCE_ENABLED]),
    event("cc.source.deleted.v1", "A source was deleted with its documents.", &[SOURCE_ID, SOURCE_NAME, SOURCE_TYPE, SOURCE_ENABLED]),
    event(
        "cc.source.documents_removed.v1",
        "Documents of a source are gone, because their items or the source are.",
        &[number("source_id", "The source"), number("documents", "How many")],
    ),
    event(
        "cc.source.synced.v1",
        "A run of a source reached its end.",
        &[
            number("source_id", "The source"),
            number("run_id", "The run"),
            number("added", "New documents"),
            number("updated", "Documents with new content"),
            number("unchanged", "Items that are as they were"),
            number("gone", "Items that are no longer there"),
            number("failed", "Items that could not be read"),
            number("skipped", "Items that were left out"),
        ],
    ),
];

const LLM: &[EventType] = &[
    event(
        "cc.llm.budget_reached.v1",
        "What was spent reached the limit of a soft budget; once in a period.",
        &[
            number("budget_id", "The budget"),
            text("name", "What it is called"),
            text("scope", "`project`, `user`, `api_key` or `cause`"),
            text("period", "`day`, `month` or `total`"),
            text("period_start", "When the period began").holding(Shape::Moment),
            number("limit_nano", "Its limit, in nano-dollars"),
            number("spent_nano", "What was spent, in nano-dollars"),
        ],
    ),
    event("cc.llm.budget_created.v1", "A budget was made.", &[BUDGET_ID, BUDGET_NAME, BUDGET_LIMIT, BUDGET_MODE]),
    event("cc.llm.budget_updated.v1", "A budget changed.", &[BUDGET_ID, BUDGET_NAME, BUDGET_LIMIT, BUDGET_MODE]),
    event("cc.llm.budget_deleted.v1", "A budget was deleted.", &[BUDGET_ID, BUDGET_NAME, BUDGET_LIMIT, BUDGET_MODE]),
    event("cc.llm.provider_created.v1", "A provider of the project was set up.", &[PROVIDER_ID, PROVIDER_ALIAS]),
    event("cc.llm.provider_updated.v1", "A provider of the project changed.", &[PROVIDER_ID, PROVIDER_ALIAS]),
    event("cc.llm.provider_deleted.v1", "A provider of the project was deleted.", &[PROVIDER_ID, PROVIDER_ALIAS]),
];

const BUDGET_ID: Field = number("id", "The budget");
const BUDGET_NAME: Field = text("name", "What it is called");
const BUDGET_LIMIT: Field = number("limit_nano", "Its limit, in nano-dollars");
const BUDGET_MODE: Field = text("mode", "`hard` or `soft`");
const PROVIDER_ID: Field = number("id", "The provider");
const PROVIDER_ALIAS: Field = text("alias", "What it is called");
