/** What the example uses of pg, which is installed only to run it: the checkout is type-checked without it. */
declare module 'pg' {
	export class Pool {
		constructor(options: { connectionString: string | undefined });
		query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
		on(event: 'error', listener: (cause: Error) => void): void;
		end(): Promise<void>;
	}
}
