/** Forms: labelled inputs with their problems beside them. */

import { useMutation, type UseMutationResult } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useId, useRef, type FormEvent, type ReactNode } from "react";

import { formProblem, type FormProblem } from "../api/problem";

const Problems = createContext<FormProblem>({ fields: {}, form: null });

export interface Values {
  text: (name: string) => string;
  /** Null when empty. */
  optional: (name: string) => string | null;
  /** Null when empty. */
  number: (name: string) => number | null;
  checked: (name: string) => boolean;
  /** Whether the form has such an input with a value, also an empty one. */
  has: (name: string) => boolean;
  file: (name: string) => File | null;
  files: (name: string) => File[];
}

function valuesOf(form: HTMLFormElement): Values {
  const data = new FormData(form);
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const files = (name: string) => {
    const input = form.elements.namedItem(name);
    return input instanceof HTMLInputElement ? [...(input.files ?? [])] : [];
  };
  return {
    text,
    optional: (name) => text(name) || null,
    number: (name) => (text(name) === "" ? null : Number(text(name))),
    checked: (name) => data.has(name),
    has: (name) => data.has(name),
    file: (name) => files(name)[0] ?? null,
    files,
  };
}

/** Sends a form's values; keeps the answer's problems for its inputs. */
export function useForm<T>(submit: (values: Values) => Promise<T>, onDone?: (answer: T) => void): UseMutationResult<T, Error, HTMLFormElement> {
  return useMutation({
    mutationFn: (form: HTMLFormElement) => submit(valuesOf(form)),
    onSuccess: (answer, form) => {
      form.reset();
      onDone?.(answer);
    },
  });
}

interface FormProps<T> {
  form: UseMutationResult<T, Error, HTMLFormElement>;
  /** Names of the inputs, for problems to find theirs. */
  inputs: readonly string[];
  label: string;
  action: string;
  busy?: string;
  className?: string;
  extra?: ReactNode;
  children: ReactNode;
}

export function Form<T>({ form, inputs, label, action, busy, className, extra, children }: FormProps<T>) {
  const ref = useRef<HTMLFormElement>(null);
  const problem = formProblem(form.error, inputs);
  useEffect(() => {
    if (form.isError) ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form.isError, form.error]);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!form.isPending) form.mutate(event.currentTarget);
  };
  return (
    <Problems.Provider value={problem}>
      <form ref={ref} aria-label={label} className={className} onSubmit={onSubmit} noValidate>
        {problem.form && (
          <p className="notice bad" role="alert">
            {problem.form}
          </p>
        )}
        {children}
        <div className="actions">
          {extra}
          <button type="submit" className="primary" aria-disabled={form.isPending}>
            {form.isPending ? (busy ?? "Saving…") : action}
          </button>
        </div>
      </form>
    </Problems.Provider>
  );
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  required?: boolean;
}

type Described = { id: string; name: string; required?: boolean; "aria-invalid"?: true; "aria-describedby"?: string };

/** Label, hint and problem of one input. */
function Field({ name, label, hint, required, wide, children }: FieldProps & { wide?: boolean; children: (input: Described) => ReactNode }) {
  const id = useId();
  const problem = useContext(Problems).fields[name];
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  return (
    <div className={wide ? "field wide" : "field"}>
      <label htmlFor={id}>
        {label}
        {required && <span className="muted"> (required)</span>}
      </label>
      {children({ id, name, required, "aria-invalid": problem ? true : undefined, "aria-describedby": described || undefined })}
      {hint && (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      )}
      {problem && (
        <span id={`${id}-problem`} className="field-problem">
          {problem}
        </span>
      )}
    </div>
  );
}

type InputType = "text" | "email" | "password" | "url" | "number" | "date" | "search";

interface TextProps extends FieldProps {
  type?: InputType;
  initial?: string | number | null;
  autoComplete?: string;
  placeholder?: string;
  min?: number;
  max?: number;
  list?: string;
  step?: string;
}

export function TextField({ type = "text", initial, autoComplete = "off", placeholder, min, max, list, step, ...field }: TextProps) {
  return (
    <Field {...field}>
      {(input) => <input {...input} type={type} defaultValue={initial ?? ""} autoComplete={autoComplete} placeholder={placeholder} min={min} max={max} list={list} step={step ?? (type === "number" ? "any" : undefined)} />}
    </Field>
  );
}

export function TextArea({ initial, rows = 3, ...field }: FieldProps & { initial?: string | null; rows?: number }) {
  return (
    <Field {...field} wide>
      {(input) => <textarea {...input} rows={rows} defaultValue={initial ?? ""} />}
    </Field>
  );
}

export interface Option {
  value: string;
  label: string;
}

export function SelectField({ options, initial, empty, ...field }: FieldProps & { options: readonly Option[]; initial?: string | number | null; empty?: string }) {
  return (
    <Field {...field}>
      {(input) => (
        <select {...input} defaultValue={initial ?? ""}>
          {empty !== undefined && <option value="">{empty}</option>}
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function FileField({ accept, multiple, ...field }: FieldProps & { accept?: string; multiple?: boolean }) {
  return <Field {...field}>{(input) => <input {...input} type="file" accept={accept} multiple={multiple} />}</Field>;
}

export function CheckField({ name, label, initial = false }: { name: string; label: string; initial?: boolean }) {
  const id = useId();
  return (
    <div className="field check">
      <input id={id} name={name} type="checkbox" defaultChecked={initial} />
      <label htmlFor={id}>{label}</label>
    </div>
  );
}
