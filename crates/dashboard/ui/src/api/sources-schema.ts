/** Sources, by the names the pages use: the types generated from the API's document. */

import type { components } from "./generated";
import type { Free } from "./jobs-schema";
import type { Page } from "./schema";

type Schemas = components["schemas"];

export const SOURCE_KINDS = ["documentation", "rss", "file_watcher", "hacker_news", "webhook"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];
export const ITEM_STATES = ["found", "seen", "duplicate", "gone", "failed", "skipped"] as const;

/** A source. Objects of any form are said to be empty by the generator. */
export type SourceView = Omit<Schemas["SourceView"], "config"> & { config: Free };
export type CreateSource = Omit<Schemas["CreateSource"], "config"> & { config?: Free | null };
export type UpdateSource = Omit<Schemas["UpdateSource"], "config"> & { config?: Free | null };

export type SourceRunView = Schemas["SourceRunView"];
export type SourceItemView = Schemas["SourceItemView"];
export type ItemErrorView = Schemas["PageView_ItemErrorView"]["items"][number];
export type SourceRunDetailView = SourceRunView & { errors: Page<ItemErrorView> };
export type RunAcceptedView = Schemas["RunAcceptedView"];
export type PreviewView = Schemas["PreviewView"];
