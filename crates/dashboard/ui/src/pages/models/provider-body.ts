/** A provider's form as the API takes it. */

import { CAPABILITIES, type CreateProvider, type ModelBody } from "../../api/llm-schema";
import { ApiProblem, type FieldProblem } from "../../api/problem";
import type { Values } from "../../components/form";
import { nanoOf } from "../../lib/money";

/** The inputs of a model, by what the API calls them in its problems. */
export const modelInput = (at: number, field: string): string => `models.${at}.${field}`;

const PRICES = ["input_nano_per_million", "cached_nano_per_million", "output_nano_per_million"] as const;
const SIZES = ["context_window", "max_output_tokens"] as const;
export const MODEL_FIELDS = ["name", ...PRICES, ...SIZES];

/** The models of the form. Prices are written in dollars: one that is none is a problem of its input. */
export function modelsOf(values: Values, count: number): ModelBody[] {
  const errors: FieldProblem[] = [];
  const models = Array.from({ length: count }, (_, at): ModelBody => {
    const prices = PRICES.map((field) => {
      const text = values.text(modelInput(at, field));
      const nano = text === "" ? undefined : nanoOf(text);
      if (Number.isNaN(nano)) errors.push({ field: modelInput(at, field), code: "invalid", message: "must be an amount in dollars, such as 0.15" });
      return [field, nano] as const;
    });
    const sizes = SIZES.map((field) => [field, values.number(modelInput(at, field)) ?? undefined] as const);
    return {
      name: values.text(modelInput(at, "name")),
      ...Object.fromEntries([...prices, ...sizes]),
      capabilities: CAPABILITIES.filter((one) => values.checked(modelInput(at, one))),
    };
  });
  if (errors.length > 0) throw new ApiProblem(422, { errors });
  return models;
}

/** The provider of the form; of one that the configuration set up only what may change here. */
export function bodyOf(values: Values, models: number, isReadOnly: boolean): CreateProvider | Pick<CreateProvider, "models" | "enabled"> {
  const key = values.text("api_key");
  const changeable = { models: modelsOf(values, models), enabled: values.checked("enabled") };
  if (isReadOnly) return changeable;
  return {
    alias: values.text("alias"),
    dialect: values.text("dialect"),
    base_url: values.optional("base_url"),
    ...(values.checked("forget_key") ? { api_key: null } : key !== "" && { api_key: key }),
    ...changeable,
  };
}
