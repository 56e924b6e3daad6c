/** Before sign-in: the first account of a new instance, or the login. */

import { useQuery, useQueryClient } from "@tanstack/react-query";

import { auth } from "../api/endpoints";
import { keys } from "../api/keys";
import { session } from "../api/session";
import { PageHead, Ready } from "../components/basics";
import { Form, TextField, useForm } from "../components/form";

export function Gate() {
  const setup = useQuery({ queryKey: keys.setup, queryFn: auth.setup });
  return (
    <main className="gate">
      <div className="panel">
        <Ready query={setup}>{(state) => (state.needs_setup ? <FirstRun /> : <Login />)}</Ready>
      </div>
    </main>
  );
}

async function signIn(email: string, password: string) {
  session.open(await auth.login({ email, password }));
  return auth.me();
}

function FirstRun() {
  const queries = useQueryClient();
  const form = useForm(
    async (values) => {
      const email = values.text("email");
      const password = values.text("password");
      await auth.register({ email, password, full_name: values.text("full_name") || undefined });
      // From here on the instance has its account, whatever becomes of the sign-in.
      queries.setQueryData(keys.setup, { needs_setup: false });
      return signIn(email, password);
    },
    (me) => queries.setQueryData(keys.me, me),
  );
  return (
    <>
      <PageHead title="Welcome to CommandCenter" />
      <p>This instance is new. The account you make now administers it.</p>
      <Form form={form} inputs={["email", "password", "full_name"]} label="First account" action="Create account" busy="Creating…">
        <TextField name="full_name" label="Your name" autoComplete="name" />
        <TextField name="email" label="E-mail" type="email" required autoComplete="username" />
        <TextField name="password" label="Password" type="password" required hint="8 to 256 characters." autoComplete="new-password" />
      </Form>
    </>
  );
}

function Login() {
  const queries = useQueryClient();
  const form = useForm(
    (values) => signIn(values.text("email"), values.text("password")),
    (me) => queries.setQueryData(keys.me, me),
  );
  return (
    <>
      <PageHead title="Sign in" />
      <Form form={form} inputs={["email", "password"]} label="Sign in" action="Sign in" busy="Signing in…">
        <TextField name="email" label="E-mail" type="email" required autoComplete="username" />
        <TextField name="password" label="Password" type="password" required autoComplete="current-password" />
      </Form>
    </>
  );
}
