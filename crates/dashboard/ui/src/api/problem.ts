/** Errors of the API (RFC 9457) as values the page can show. */

export interface FieldProblem {
  field: string;
  code: string;
  message: string;
}

interface ProblemBody {
  type?: string;
  title?: string;
  detail?: string;
  request_id?: string;
  errors?: FieldProblem[];
}

/** An answer that is not a success. */
export class ApiProblem extends Error {
  readonly status: number;
  /** The last part of the problem's type, such as `project-name-taken`. */
  readonly slug: string;
  readonly title: string;
  readonly requestId: string | null;
  readonly errors: FieldProblem[];

  constructor(status: number, body: ProblemBody) {
    const title = body.title ?? `The server answered ${status}`;
    super(body.detail ?? title);
    this.name = "ApiProblem";
    this.status = status;
    this.slug = body.type?.split("/").pop() ?? "";
    this.title = title;
    this.requestId = body.request_id ?? null;
    this.errors = Array.isArray(body.errors) ? body.errors : [];
  }

  /** Reads a failed answer; one that is no problem document still says its status. */
  static async from(response: Response): Promise<ApiProblem> {
    const body: unknown = await response.json().catch(() => null);
    return new ApiProblem(response.status, typeof body === "object" && body !== null ? (body as ProblemBody) : {});
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super("The server cannot be reached. Check the connection and try again.");
    this.name = "Unreachable";
  }
}

/** What to tell a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong.";
}

/** What a form shows: messages beside the inputs it has, and one for everything else. */
export interface FormProblem {
  fields: Record<string, string>;
  form: string | null;
}

/** Sorts an error's messages to the form's inputs. Messages for inputs the form does not have go to the form itself. */
export function formProblem(error: unknown, inputs: readonly string[]): FormProblem {
  if (!error) return { fields: {}, form: null };
  if (!(error instanceof ApiProblem) || error.errors.length === 0) {
    const input = error instanceof ApiProblem ? CONFLICTS[error.slug] : undefined;
    if (input && inputs.includes(input)) return { fields: { [input]: messageOf(error) }, form: null };
    return { fields: {}, form: messageOf(error) };
  }
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  for (const { field, message } of error.errors) {
    // A form may have inputs for parts of an object, such as `config.max_pages`.
    const input = inputs.includes(field) ? field : (field.split(".")[0] ?? "");
    if (!inputs.includes(input)) rest.push(field ? `${field}: ${message}` : message);
    else fields[input] = fields[input] ? `${fields[input]}; ${message}` : message;
  }
  return { fields, form: rest.length > 0 ? rest.join("; ") : null };
}

/** Refusals that are about one input. */
const CONFLICTS: Record<string, string> = {
  "already-member": "email",
  "budget-exists": "name",
  "email-taken": "email",
  "project-name-taken": "name",
  "provider-exists": "alias",
  "repository-exists": "name",
  "source-exists": "name",
  "technology-title-taken": "title",
  "user-not-found": "email",
};
