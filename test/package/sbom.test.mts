import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from '../../embedded/builtNode.mts';
import { sbom } from '../../packaging/sbom.mts';
import { rootFolder } from './packed.mts';

interface Component {
	readonly name: string;
	readonly version: string;
	readonly purl: string;
	readonly licenses: unknown;
	readonly hashes?: unknown;
	/** Third-party code inside it. */
	readonly components?: readonly Component[];
}

const read = (name: string) => readFileSync(join(rootFolder, name), 'utf8');
const manifest = JSON.parse(read('package.json')) as Parameters<typeof sbom>[1];

const BUILDS: Array<[Build, suffix: string, folder: string]> = [
	['verified', '', '.'],
	['pool', '-undici.0', 'build/pool'],
];

/** The bill of materials that a release has beside the tarball of a build. */
const releasedWith = (suffix: string) => read(`build/${manifest.name}-${manifest.version}${suffix}.cdx.json`);

test.each(BUILDS)('The bill of materials of the %s build is valid CycloneDX 1.6', async (_, suffix) => {
	const text = releasedWith(suffix);
	const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
	expect(await validator.validate(text)).toBeNull();
	// The validator checks the whole document.
	const wrong = text.replaceAll('"library"', '"books"');
	expect(await validator.validate(wrong)).not.toBeNull();
});

test.each(BUILDS)(
	'SECURITY.md, the notices and the bill of materials name the same libraries of the %s build',
	(name, suffix, folder) => {
		const { components } = JSON.parse(releasedWith(suffix)) as { components: Component[] };
		const bundled = components.map((component) => `${component.name} ${component.version}`).sort();
		expect(bundled.length).toBeGreaterThan(0);
		// Titles of notices that are a package and its version.
		const titles = read(join(folder, 'THIRD-PARTY-NOTICES')).matchAll(/^([\w-]+ \d+\.\d+\.\d+) \(.*\)$/gm);
		expect(Array.from(titles, ([, title]) => title).sort()).toEqual(bundled);
		const inside = read(join(folder, 'THIRD-PARTY-NOTICES')).matchAll(/^(\S+ in \S+ [\d.]+) \(.*\)$/gm);
		const parts = components.flatMap(({ components: subcomponents = [], ...whole }) =>
			subcomponents.map((part) => `${part.name} in ${whole.name} ${whole.version}`),
		);
		expect(parts.sort()).toEqual(Array.from(inside, ([, title]) => title).sort());
		expect(parts).toHaveLength(name === 'pool' ? 4 : 0);
		const row = new RegExp(`^\\| ${name} +\\| (.*?) +\\|$`, 'm').exec(read('SECURITY.md'))?.[1];
		expect(row?.split(', ').sort()).toEqual(bundled);
	},
);

test.each(BUILDS)(
	'The bill of materials of the %s build has the package, and the licence, address and hash of each library',
	(_, suffix) => {
		const { metadata, components } = JSON.parse(releasedWith(suffix)) as {
			metadata: object;
			components: Component[];
		};
		const { name, version } = manifest;
		const purl = `pkg:npm/${name}@${version}${suffix}`;
		expect(metadata).toEqual({ component: expect.objectContaining({ purl, name }) });
		const { packages } = JSON.parse(read('package-lock.json')) as {
			packages: Record<string, { integrity: string }>;
		};
		for (const component of components) {
			const { integrity } = packages[`node_modules/${component.name}`]!;
			const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
			expect(component).toMatchObject({
				purl: `pkg:npm/${component.name}@${component.version}`,
				licenses: [{ license: { id: 'MIT' } }],
				hashes: [{ alg: 'SHA-512', content }],
			});
		}
	},
);

test('A bundled library that is not in the lockfile fails the build', async () => {
	const stdin = { contents: `export * from 'uuid';`, resolveDir: rootFolder };
	const { metafile } = await build({
		stdin,
		bundle: true,
		metafile: true,
		write: false,
		outfile: 'x.js',
		platform: 'node',
	});
	await expect(sbom([metafile], manifest, { packages: {} })).rejects.toThrow(
		/^uuid [\d.]+ is bundled and has no hash in package-lock\.json\.$/,
	);
});
