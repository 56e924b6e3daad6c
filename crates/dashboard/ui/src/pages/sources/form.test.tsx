import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";

import { source } from "../../test/sources";
import { Refusal, serve, show, type Asked } from "../../test/stage";
import { EditSource, NewSource } from "./edit";

const sent = (asked: Asked[], method: string) => asked.find((one) => one.method === method && one.path.startsWith("/ingestion"));
const address = () => screen.getByLabelText("Address").textContent;

it("makes a documentation site with its settings and its schedule", async () => {
  const asked = serve({ "POST /ingestion/sources": () => source(3) });
  const user = show(<NewSource />, { at: "/sources/new", path: "/sources/new", role: "maintainer" });
  await user.type(screen.getByLabelText(/^Name/), "The handbook");
  await user.type(screen.getByLabelText(/^First page/), "https://docs.example.com/");
  await user.clear(screen.getByLabelText("Most pages"));
  await user.type(screen.getByLabelText("Most pages"), "500");
  await user.clear(screen.getByLabelText("Depth"));
  await user.type(screen.getByLabelText("Tags"), "docs, team, docs");
  await user.type(screen.getByLabelText("Schedule"), "0 4 * * *");
  await user.click(screen.getByRole("button", { name: "Create source" }));
  await waitFor(() => expect(address()).toBe("/sources/3"));
  expect(sent(asked, "POST")?.body).toEqual({
    type: "documentation",
    name: "The handbook",
    url: "https://docs.example.com/",
    priority: 5,
    config: { max_pages: 500, max_depth: null, path_prefix: null, delay_ms: null, sitemap_url: null, use_sitemap: true, category: null, tags: ["docs", "team"] },
    schedule: "0 4 * * *",
  });
});

it("asks of each kind what it needs", async () => {
  const asked = serve({ "POST /ingestion/sources": () => source(3) });
  const user = show(<NewSource />, { at: "/sources/new", path: "/sources/new" });
  await user.type(screen.getByLabelText(/^Name/), "Herons");
  await user.click(screen.getByRole("radio", { name: /Folder/ }));
  expect(screen.getByLabelText(/^Folder \(required\)/)).toBeTruthy();
  expect(screen.queryByLabelText(/^First page/)).toBeNull();
  await user.click(screen.getByRole("radio", { name: /Hacker News/ }));
  await user.type(screen.getByLabelText(/^Keywords/), "heron\n\n crane ");
  // A schedule is a maintainer's to give.
  expect(screen.queryByLabelText("Schedule")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Create source" }));
  await waitFor(() => expect(sent(asked, "POST")).toBeTruthy());
  expect(sent(asked, "POST")?.body).toEqual({
    type: "hacker_news",
    name: "Herons",
    priority: 5,
    config: { keywords: ["heron", "crane"], min_score: 10, since_hours: 168, max_stories: 100, category: null, tags: [] },
  });
});

it("makes a secret for a push webhook, which needs neither address nor schedule", async () => {
  const asked = serve({ "POST /ingestion/sources": () => source(4, { type: "webhook" }) });
  const user = show(<NewSource />, { at: "/sources/new", path: "/sources/new", role: "owner" });
  await user.click(screen.getByRole("radio", { name: /Push webhook/ }));
  await user.type(screen.getByLabelText(/^Name/), "CI");
  await user.click(screen.getByRole("button", { name: "Make a secret" }));
  const secret = screen.getByLabelText<HTMLInputElement>(/^Secret/).value;
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(screen.queryByLabelText("Schedule")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Create source" }));
  await waitFor(() => expect(sent(asked, "POST")?.body).toEqual({ type: "webhook", name: "CI", secret, config: { category: null, tags: [] } }));
});

it("shows the server's problems beside the inputs they are about", async () => {
  const errors = [
    { field: "config.max_pages", code: "out_of_range", message: "must be a whole number between 1 and 10000" },
    { field: "url", code: "not_allowed", message: "the address is private" },
    { field: "config.shape", code: "unknown_field", message: "is not a setting of this type of source" },
  ];
  serve({ "POST /ingestion/sources": () => new Refusal(422, { title: "Unprocessable", detail: "some fields are wrong", errors }) });
  const user = show(<NewSource />, { at: "/sources/new", path: "/sources/new" });
  await user.click(screen.getByRole("button", { name: "Create source" }));
  const pages = await screen.findByLabelText("Most pages");
  await waitFor(() => expect(pages.getAttribute("aria-invalid")).toBe("true"));
  expect(screen.getByText("the address is private")).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toBe("config.shape: is not a setting of this type of source");
  expect(screen.getByLabelText(/^First page/)).toBe(globalThis.document.activeElement);
});

it("shows when a schedule would fire, without saving it", async () => {
  const asked = serve({ "POST /schedules/preview": ({ body }) => ((body as { cron_expression: string }).cron_expression === "x" ? new Refusal(422, { detail: "cron_expression: no such schedule", errors: [{ field: "cron_expression", code: "invalid", message: "no such schedule" }] }) : { timezone: "UTC", next_runs: ["2026-11-22T04:00:00Z"] }) });
  const user = show(<NewSource />, { at: "/sources/new", path: "/sources/new", role: "maintainer" });
  await user.type(screen.getByLabelText("Schedule"), "0 4 * * *");
  await user.click(screen.getByRole("button", { name: "Show the next runs" }));
  await waitFor(() => expect(globalThis.document.querySelector('time[datetime="2026-11-22T04:00:00Z"]')).toBeTruthy());
  expect(asked.at(-1)?.body).toEqual({ frequency: "cron", cron_expression: "0 4 * * *" });
  await user.clear(screen.getByLabelText("Schedule"));
  await user.type(screen.getByLabelText("Schedule"), "x");
  await user.click(screen.getByRole("button", { name: "Show the next runs" }));
  expect(await screen.findByText("no such schedule")).toBeTruthy();
});

const stored = (fields = {}) => new Response(JSON.stringify(source(3, fields)), { headers: { etag: '"3"' } });

it("changes what was changed, and keeps what it does not know", async () => {
  const asked = serve({ "GET /ingestion/sources/3": () => stored({ schedule: "0 4 * * *", schedule_id: 2, config: { ...source(3).config, later: "yes" } }), "PUT /ingestion/sources/3": () => source(3) });
  const user = show(<EditSource />, { at: "/sources/3/edit", path: "/sources/:id/edit", role: "maintainer" });
  const name = await screen.findByLabelText(/^Name/);
  expect(screen.getByLabelText<HTMLInputElement>("Tags").value).toBe("docs, team");
  expect(screen.queryByRole("radio")).toBeNull();
  await user.clear(name);
  await user.type(name, "Handbook");
  await user.clear(screen.getByLabelText("Schedule"));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(address()).toBe("/sources/3"));
  const put = sent(asked, "PUT");
  expect(put?.headers.get("if-match")).toBe('"3"');
  expect(put?.body).toMatchObject({ name: "Handbook", schedule: null, config: { later: "yes", max_pages: 500, category: "handbook" } });
  expect(put?.body).not.toHaveProperty("type");
});

it("says when somebody else changed it meanwhile", async () => {
  const asked = serve({ "GET /ingestion/sources/3": () => stored({ schedule: "0 4 * * *" }), "PUT /ingestion/sources/3": () => new Refusal(412, { title: "Precondition Failed", detail: "the source has changed: its version is 4 now" }) });
  const user = show(<EditSource />, { at: "/sources/3/edit", path: "/sources/:id/edit" });
  await user.click(await screen.findByRole("button", { name: "Save changes" }));
  expect((await screen.findByRole("alert")).textContent).toBe("the source has changed: its version is 4 now");
  // A member cannot send the schedule, so it stays out.
  expect(sent(asked, "PUT")?.body).not.toHaveProperty("schedule");
});

it("lets viewers make none", () => {
  serve({});
  show(<NewSource />, { at: "/sources/new", path: "/sources/new", role: "viewer" });
  expect(screen.getByText("Viewers only read")).toBeTruthy();
  expect(screen.queryByRole("form")).toBeNull();
});
