import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import type { ICredentialType, IExecuteFunctions, INodeType } from 'n8n-workflow';
import { BUILD_FOLDERS, loadBuiltNode, n8nWorkflow, type Build } from '../../embedded/embeddedEngine.mts';
import type { TimelineClock } from './timelineClock.mts';

const MODULE = 'nodes/TencentCloudIot/TencentCloudIot.node.js';

/** What a module gets instead of the globals of these names. */
type Globals = Record<'performance' | 'Date' | 'AbortSignal', unknown>;

/** Runs the text of the node's module; each call gives it a separate state. */
type RunNodeModule = (
	module: { exports: { TencentCloudIot?: new () => INodeType } },
	exports: object,
	require: (id: string) => unknown,
	globals: Globals,
) => void;

/** The class of Node.js behind `require`; its `_compile` runs a text as a module. */
interface CompilingModule extends NodeJS.Module {
	exports: RunNodeModule;
	_compile(text: string, path: string): void;
}

/**
 * Each build is read and compiled once, because compiling takes longer than most things that a process does in a timeline, and because a build
 * that is made while timelines run must not affect them.
 */
const compiled = new Map<Build, RunNodeModule>();
const credentialTypes = new Map<Build, ICredentialType>();

function compile(build: Build, path: string): RunNodeModule {
	const earlier = compiled.get(build);
	if (earlier !== undefined) {
		return earlier;
	}
	const whole = new Module(path) as CompilingModule;
	const text = `const { performance, Date, AbortSignal } = globals; ${readFileSync(path, 'utf8')}`;
	whole._compile(`module.exports = (module, exports, require, globals) => { ${text}\n};`, path);
	compiled.set(build, whole.exports);
	return whole.exports;
}

/** Loads the built node's module again, with a separate state. */
function loadAgain(build: Build, globals: Globals, ownGlobals: Readonly<Record<string, unknown>>): INodeType {
	const path = join(BUILD_FOLDERS[build], MODULE);
	const require = createRequire(path);
	const loadedModule: Parameters<RunNodeModule>[0] = { exports: {} };
	const run = compile(build, path);
	run(loadedModule, loadedModule.exports, (id) => ownGlobals[id] ?? require(id), globals);
	const { TencentCloudIot } = loadedModule.exports;
	if (TencentCloudIot === undefined) {
		throw new Error(`There is no node in ${path}`);
	}
	return new TencentCloudIot();
}

/** The functions of an execution with which the node reads and writes the deduplication store. */
const STATEMENTS = [
	'checkProcessedAndRecord',
	'removeProcessed',
	'clearAllProcessedItems',
	'getProcessedDataCount',
] as const;

/**
 * A process of n8n in which the built node was loaded again, without anything from earlier runs. Its clock is the
 * timeline's. Once dead, it does nothing any more: none of its waits ends, and no database statement is sent or gets a response.
 * The service must not respond to its requests either.
 */
export class NodeProcess {
	isDead = false;
	/** The prefix of its request ids. */
	requestIdPrefix = '';
	readonly nodeType: INodeType;
	readonly credentialType: ICredentialType;
	/** Called before and after each statement, which waits for it. */
	onStatement: (when: 'before' | 'after') => Promise<void> | void = () => {};
	/** Called when the node begins to wait. */
	onSleep: () => void = () => {};

	constructor(build: Build, clock: TimelineClock) {
		const view = clock.viewOf(this);
		const sleep = async (ms: number): Promise<void> => {
			this.onSleep();
			await (this.isDead ? never() : view.sleep(ms));
			if (this.isDead) {
				await never();
			}
		};
		const { performance, Date, AbortSignal } = view;
		const workflow = { ...n8nWorkflow, sleep };
		this.nodeType = loadAgain(
			build,
			{ performance, Date, AbortSignal },
			{
				'n8n-workflow': workflow,
				'../../libraries/uuid.js': { v4: () => this.requestIdPrefix + randomUUID() },
			},
		);
		this.credentialType = credentialTypes.get(build) ?? loadBuiltNode(BUILD_FOLDERS[build]).credentialType;
		credentialTypes.set(build, this.credentialType);
		const { execute } = this.nodeType;
		const within = (context: IExecuteFunctions) => this.#within(context);
		this.nodeType.execute = async function (this: IExecuteFunctions) {
			return await execute!.call(within(this));
		};
	}

	/** The context of an execution, whose statements never return once the process is dead. */
	#within(context: IExecuteFunctions): IExecuteFunctions {
		const helpers = { ...context.helpers } as unknown as Record<
			string,
			(...args: unknown[]) => Promise<unknown>
		>;
		const ending =
			<Args extends unknown[], Result>(statement: (...args: Args) => Promise<Result>) =>
			async (...args: Args) => {
				await this.onStatement('before');
				if (this.isDead) {
					return await never();
				}
				const result = await statement(...args);
				await this.onStatement('after');
				return this.isDead ? await never() : result;
			};
		for (const name of STATEMENTS) {
			helpers[name] = ending(helpers[name]!);
		}
		// The Data Tables are in the same database.
		const executeWorkflow = ending(context.executeWorkflow.bind(context));
		return Object.create(context, {
			helpers: { value: helpers },
			executeWorkflow: { value: executeWorkflow },
		}) as IExecuteFunctions;
	}
}

async function never(): Promise<never> {
	return await new Promise<never>(() => {});
}
