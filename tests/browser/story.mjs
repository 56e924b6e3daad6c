// A person opens a new instance in a browser, makes the first account and a project, tracks a repository, watches it
// being synchronised, uploads a document, finds a passage of it and goes there, judges the answers, and pushes a document
// through a source.
//
// BASE_URL       where the instance answers (default http://127.0.0.1:8000)
// REPOSITORY     owner/name that the instance's GitHub knows
// EMAIL, PASSWORD  of the first account
// UNTIL_MS       how long a job may take (default 60000)
// SCREENSHOTS    folder for a picture of each page (default: only one of a failure, in the temporary folder)
// CHROMIUM       the browser's program (default /usr/bin/chromium)
// AXE            0 leaves the accessibility checks out

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = process.env.BASE_URL ?? "http://127.0.0.1:8000";
const [owner, name] = (process.env.REPOSITORY ?? "octocat/hello").split("/");
const email = process.env.EMAIL ?? "ann@example.com";
const password = process.env.PASSWORD ?? "correct horse battery staple";
const patience = Number(process.env.UNTIL_MS ?? 60_000);
const pictures = process.env.SCREENSHOTS;
const folder = pictures ?? mkdtempSync(join(tmpdir(), "story-"));
mkdirSync(folder, { recursive: true });

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.setDefaultTimeout(15_000);

const complaints = [];
page.on("pageerror", (error) => complaints.push(`page: ${error.message}`));
page.on("console", (message) => {
  // A new visitor has no session, which the browser reports as a failed request.
  const expected = /\/api\/v1\/auth\/(refresh|me)$/.test(message.location().url);
  if (message.type() === "error" && !expected) complaints.push(`console: ${message.text()} (${message.location().url})`);
});

/** Names a step, so that a failure says where it was. */
let at = "start";
async function step(title, work) {
  at = title;
  const begun = Date.now();
  await work();
  console.log(`ok ${title} (${Date.now() - begun} ms)`);
  if (pictures) await page.screenshot({ path: join(folder, `${title.replaceAll(/\W+/g, "-")}.png`), fullPage: true });
}

/** What a page must not do to people who cannot see it or use no mouse. */
async function accessible() {
  if (process.env.AXE === "0") return;
  const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  // The page's policy allows no foreign script element, so the tool is evaluated from outside.
  const { readFileSync } = await import("node:fs");
  await page.evaluate(readFileSync(source, "utf8"));
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }));
  const found = result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  assert.deepEqual(found, [], `accessibility of ${page.url()}`);
}

const go = (link) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: link }).click();
const heading = (text) => page.getByRole("heading", { level: 1, name: text }).waitFor();

const DOCUMENT = "# Field notes\n\nNothing here.\n\n## Cooling towers\n\nThe heron nests beside the cooling tower every spring and eats the frogs.\n";

try {
  await step("first run", async () => {
    await page.goto(base);
    await heading("Welcome to CommandCenter");
    await accessible();
    await page.getByLabel("Your name").fill("Ann");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Create account" }).click();
    await heading("Projects");
  });

  await step("create a project", async () => {
    await accessible();
    await page.getByLabel("Name").fill("Radar");
    await page.getByRole("button", { name: "Create project" }).click();
    await heading("Overview");
    await page.getByRole("heading", { name: "Technologies by status" }).waitFor();
    await accessible();
  });

  await step("survive a reload", async () => {
    await page.reload();
    await heading("Overview");
  });

  await step("add a repository", async () => {
    await go("Repositories");
    await heading("Repositories");
    await page.getByLabel("Owner").fill(owner);
    await page.getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Add repository" }).click();
    await page.getByRole("row").filter({ hasText: `${owner}/${name}` }).getByText("Never").waitFor();
    await accessible();
  });

  await step("synchronise with live progress", async () => {
    const row = page.getByRole("row").filter({ hasText: `${owner}/${name}` });
    const sockets = [];
    page.on("websocket", (socket) => {
      const frames = [];
      sockets.push(frames);
      socket.on("framereceived", ({ payload }) => frames.push(JSON.parse(String(payload)).type));
    });
    await row.getByRole("button", { name: /^Synchronise/ }).click();
    await row.getByText("Synced", { exact: true }).waitFor({ timeout: patience });
    const frames = sockets.flat();
    assert.ok(frames.includes("connected") && frames.includes("completed"), `the job's socket told ${JSON.stringify(frames)}`);
  });

  await step("upload a document", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "upload-")), "field-notes.md");
    writeFileSync(file, DOCUMENT);
    await go("Knowledge");
    await heading("Knowledge");
    const form = page.getByRole("form", { name: "Upload a document" });
    await form.getByLabel("File").setInputFiles(file);
    await form.getByLabel("Category").fill("notes");
    await form.getByRole("button", { name: "Upload" }).click();
    await page.getByRole("row").filter({ hasText: "field-notes.md" }).getByText("Indexed").waitFor({ timeout: patience });
    await accessible();
  });

  await step("find the passage", async () => {
    await page.getByLabel("Question or words").fill("heron cooling tower");
    await page.getByRole("button", { name: "Search", exact: true }).first().click();
    const hit = page.getByRole("article").filter({ hasText: "The heron nests beside the cooling tower" });
    await hit.waitFor();
    assert.match(await hit.innerText(), /Cooling towers/, "the passage says under which heading it stands");
    assert.ok((await hit.locator("mark").count()) > 0, "the words asked for are marked");
    await accessible();
  });

  await step("go to the passage in its document", async () => {
    await page.getByRole("article").filter({ hasText: "The heron nests beside the cooling tower" }).getByRole("link", { name: "Field notes" }).click();
    await heading("Field notes");
    await page.locator("mark").filter({ hasText: "The heron nests beside the cooling tower" }).waitFor();
    await page.getByRole("group", { name: "Versions" }).getByRole("row").nth(1).waitFor();
    await accessible();
  });

  await step("judge the answers", async () => {
    await go("Knowledge");
    await page.getByRole("navigation", { name: "Knowledge base" }).getByRole("link", { name: "Evaluations" }).click();
    await heading("Evaluations");
    await page.getByText("No evaluation yet").waitFor();
    await page.getByLabel("Mode").selectOption("keyword");
    await page.getByLabel("Questions and the documents").fill("where do herons nest?,field-notes.md,2");
    await page.getByRole("button", { name: "Ask the questions" }).click();
    await page.getByRole("heading", { level: 1, name: /^default #/ }).waitFor();
    await page.getByRole("row").filter({ hasText: "where do herons nest?" }).getByText("1.000").first().waitFor();
    await accessible();
  });

  await step("push a document through a source", async () => {
    await go("Sources");
    await heading("Sources");
    await page.getByText("No source yet").waitFor();
    await accessible();
    await page.getByRole("link", { name: "New source" }).click();
    await heading("New source");
    await accessible();
    await page.getByRole("radio", { name: /Push webhook/ }).check();
    await page.getByLabel("Name").fill("Builds");
    await page.getByRole("button", { name: "Make a secret" }).click();
    const secret = await page.getByLabel("Secret", { exact: false }).inputValue();
    await page.getByRole("button", { name: "Create source" }).click();
    await heading("Builds");
    const door = (await page.getByText(/^POST http/).innerText()).replace("POST ", "");
    assert.ok(!(await page.content()).includes(secret), "the secret is not shown again");
    await accessible();
    const body = JSON.stringify({ title: "Build 7", content: "# Build 7\n\nThe stork release." });
    const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    const pushed = await fetch(door, { method: "POST", headers: { "content-type": "application/json", "x-signature-256": signature }, body });
    assert.equal(pushed.status, 202, await pushed.text());
    await go("Knowledge");
    // Somebody else pushed: what the page knows is of a moment ago.
    await page.reload();
    await page.getByRole("row").filter({ hasText: "Build 7" }).getByText("Source").waitFor();
  });

  await step("see the jobs", async () => {
    await go("Jobs");
    const row = page.getByRole("row").filter({ hasText: "Repository sync" });
    await row.getByText("Completed").waitFor();
    await page.getByRole("heading", { name: "Queues" }).waitFor();
    await page.getByRole("img", { name: /^Depth of sync/ }).waitFor();
    await accessible();
    await page.getByRole("combobox", { name: "Status" }).selectOption("dead");
    await page.getByText("No job matches").waitFor();
    assert.match(page.url(), /status=dead/, "the filter is in the address");
    await page.goBack();
    await row.getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: /^Repository sync #/ }).waitFor();
    await page.getByRole("region", { name: "Attempts" }).getByRole("row").filter({ hasText: "Completed" }).waitFor();
    await page.getByRole("region", { name: "Log", exact: true }).waitFor();
    await accessible();
  });

  await step("see the members and make a key", async () => {
    await go("Members");
    await page.getByRole("row").filter({ hasText: email }).waitFor();
    await accessible();
    await page.getByRole("link", { name: "API keys" }).click();
    await heading("API keys");
    await page.getByLabel("What it is for").fill("story");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("is shown this once").waitFor();
    await accessible();
    await page.getByRole("button", { name: "I have it" }).click();
    await page.getByRole("row").filter({ hasText: "story" }).waitFor();
  });

  await step("keep technologies and research", async () => {
    await go("Technologies");
    await page.getByRole("link", { name: "New technology" }).click();
    await page.getByLabel("Title").fill("Heron sensor");
    await page.getByRole("button", { name: "Create technology" }).click();
    await heading("Heron sensor");
    await accessible();
    await go("Research");
    await page.getByRole("link", { name: "New task" }).click();
    await page.getByLabel("Title").fill("Why herons?");
    await page.getByRole("button", { name: "Create task" }).click();
    await heading("Why herons?");
    await accessible();
  });

  await step("sign out and in again", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading("Sign in");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
  });

  at = "console";
  assert.deepEqual(complaints, [], "the browser had nothing to complain about");
} catch (error) {
  const picture = join(folder, "failure.png");
  await page.screenshot({ path: picture, fullPage: true }).catch(() => undefined);
  console.error(`failed at "${at}": ${error.stack ?? error}`);
  for (const complaint of complaints) console.error(complaint);
  console.error(`screenshot: ${picture}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
