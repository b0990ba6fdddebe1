import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { N8nLine } from '../setup/folders.mts';
import { freePorts } from '../setup/freePort.mts';
import { installAsCommunityPackage, loseCommunityPackages } from '../setup/packedPackage.mts';
import { N8nClient } from './client.mts';
import { hasFirstStart, keepFirstStart, restoreFirstStart } from './firstStart.mts';
import { logFile, N8nProcess } from './n8nProcess.mts';
import { RestSession, type Login } from './restSession.mts';
import { newEncryptionKey, WITH_EDITOR, WITHOUT_EDITOR, type N8nSettings } from './settings.mts';

/** A running n8n with the packed package installed, and a session of its owner. */
export interface RunningN8n {
	readonly url: string;
	readonly client: N8nClient;
	/** Everything that it has printed so far. */
	readonly log: string;
	stop(): Promise<void>;
}

/** An n8n that this process has started. */
export interface N8nServer extends RunningN8n {
	readonly settings: N8nSettings;
	/** The current process. */
	readonly process: N8nProcess;
	/** Kills n8n as a power failure would, and starts it again; without its packages if it is a new container. */
	crash(options?: { isNewContainer: boolean }): Promise<void>;
	/** Ends n8n as an update of its container does, and starts it again. */
	restart(): Promise<void>;
	/** Ends n8n and removes everything that it has stored. */
	stop(): Promise<void>;
}

export interface N8nServerOptions {
	readonly line: N8nLine;
	/** The packed package; undefined if n8n installs it itself. */
	readonly tarball: string | undefined;
	/** A free port if omitted. */
	readonly port?: number | undefined;
	/** Whether a browser opens its editor. */
	readonly hasEditor?: boolean;
	/** More environment variables. */
	readonly more?: Readonly<Record<string, string>> | undefined;
}

/** Creates an empty user folder, installs the package in it as a community package, and picks free ports. */
export async function prepareN8n({
	line,
	tarball,
	port,
	hasEditor = false,
	more: moreSettings,
}: N8nServerOptions): Promise<N8nSettings> {
	const editorSettings = hasEditor ? WITH_EDITOR : WITHOUT_EDITOR;
	const more = { ...editorSettings, ...moreSettings };
	const userFolder = await mkdtemp(join(tmpdir(), 'n8n-e2e-'));
	const isWithSqlite = moreSettings?.DB_TYPE === undefined;
	const keptKey = isWithSqlite ? await restoreFirstStart(line, userFolder) : undefined;
	if (tarball !== undefined) {
		await installAsCommunityPackage(tarball, userFolder);
	}
	const [freePort, brokerPort] = (await freePorts(2)) as [number, number];
	const encryptionKey = keptKey ?? newEncryptionKey();
	return { userFolder, port: port ?? freePort, brokerPort, encryptionKey, more };
}

/** Starts n8n once in an empty folder, and keeps its files for later starts. */
export async function startFirst(line: N8nLine): Promise<void> {
	if (hasFirstStart(line)) {
		return;
	}
	const settings = await prepareN8n({ line, tarball: undefined });
	const n8n = new N8nProcess(line, ['start'], settings);
	try {
		await n8n.whenReady(async () => await isReady(`http://127.0.0.1:${settings.port}`));
	} finally {
		await n8n.stop();
	}
	await keepFirstStart(line, settings.userFolder);
	await rm(settings.userFolder, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts n8n in its own folder, with the package installed as a community package, and an owner. */
export async function startN8n(options: N8nServerOptions): Promise<N8nServer> {
	const { line } = options;
	const settings = await prepareN8n(options);
	const url = `http://127.0.0.1:${settings.port}`;
	const startProcess = () => new N8nProcess(line, ['start'], settings);
	const whenReady = async () => await n8n.whenReady(async () => await isReady(url));
	let n8n = startProcess();
	const client = new N8nClient(new RestSession({ origin: url }));
	const stop = async () => {
		await n8n.stop();
		await rm(settings.userFolder, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		await whenReady();
		await client.setUpOwner();
	} catch (cause) {
		await stop();
		throw cause;
	}
	const crash = async ({ isNewContainer } = { isNewContainer: false }) => {
		await n8n.kill();
		if (isNewContainer) {
			await loseCommunityPackages(settings.userFolder);
		}
		n8n = startProcess();
		await whenReady();
	};
	const restart = async () => {
		await n8n.stop();
		n8n = startProcess();
		await whenReady();
	};
	return {
		url,
		client,
		settings,
		restart,
		get process() {
			return n8n;
		},
		get log() {
			return n8n.log;
		},
		crash,
		stop,
	};
}

/** The data that another process needs to use an n8n that this one has started, as text for an environment variable. */
export function invitationTo({ client, settings }: N8nServer): string {
	const invitation: Invitation = { login: client.session.login, logFile: logFile(settings) };
	return JSON.stringify(invitation);
}

interface Invitation {
	readonly login: Login;
	readonly logFile: string;
}

/** Uses an n8n that another process has started. Removes existing credentials; `stop` leaves n8n running. */
export async function joinN8n(invitation: string): Promise<RunningN8n> {
	const { login, logFile: path } = JSON.parse(invitation) as Invitation;
	const client = new N8nClient(new RestSession(login));
	await client.removeCredentials();
	const earlier = readFileSync(path, 'utf8').length;
	return {
		url: login.origin,
		client,
		get log() {
			return readFileSync(path, 'utf8').slice(earlier);
		},
		stop: async () => undefined,
	};
}

/** Whether n8n is ready and its REST interface asks for a login: the health route responds before that interface exists. */
export async function isReady(url: string): Promise<boolean> {
	const [health, login] = await Promise.all([fetch(`${url}/healthz/readiness`), fetch(`${url}/rest/login`)]);
	return health.ok && login.status === 401;
}
