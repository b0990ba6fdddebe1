import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { Metafile } from 'esbuild';
import { bundledPackages, type BundledPackage } from './bundledPackages.mts';
import { VENDORED } from './notices.mts';

/** The manifest of the built package. */
interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly license: string;
	readonly devDependencies: Readonly<Record<string, string>>;
}

/** The parts of package-lock.json that are read. */
interface Lockfile {
	/** By folder, e.g. `node_modules/uuid`. */
	readonly packages: Readonly<Record<string, { version?: string; integrity?: string }>>;
}

/**
 * The bundled libraries as a software bill of materials: CycloneDX 1.6, JSON. It has no time and no serial number, so
 * the same sources give the same text.
 *
 * @param metafiles esbuild's reports on the bundles, with paths relative to the current folder
 * @param lockfile has the hash of each library that npm installed
 * @throws when a bundled library is not in the lockfile
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export async function sbom(
	metafiles: readonly Metafile[],
	manifest: Manifest,
	lockfile: Lockfile,
): Promise<string> {
	const bundled = await bundledPackages(metafiles);
	const components = bundled.map((each) => toComponent(each, lockfile));
	const refsOf = (names: readonly string[]) =>
		new Models.BomRefRepository(
			components.filter(({ name }) => names.includes(name)).map(({ bomRef }) => bomRef),
		);
	bundled.forEach(({ dependencies }, index) => {
		components[index]!.dependencies = refsOf(dependencies);
	});
	const { name, version, license } = manifest;
	const component = library({ name, version, licence: license });
	component.dependencies = refsOf(Object.keys(manifest.devDependencies));
	const bom = new Models.Bom({
		metadata: new Models.Metadata({ component }),
		components: new Models.ComponentRepository(components),
	});
	const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
	return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function toComponent(bundled: BundledPackage, { packages }: Lockfile): Models.Component {
	const { name, version } = bundled;
	const entry = Object.entries(packages).find(
		([folder, installed]) => folder.endsWith(`node_modules/${name}`) && installed.version === version,
	);
	const sha512 = /^sha512-(\S+)$/.exec(entry?.[1].integrity ?? '')?.[1];
	if (sha512 === undefined) {
		throw new Error(`${name} ${version} is bundled and has no hash in package-lock.json.`);
	}
	const hash = Buffer.from(sha512, 'base64').toString('hex');
	const component = library(bundled);
	component.hashes.set(Enums.HashAlgorithm['SHA-512'], hash);
	for (const part of VENDORED.filter(({ within }) => within === name)) {
		const licenses = new Models.LicenseRepository([new Models.SpdxLicense(part.licence)]);
		const bomRef = `${component.bomRef.value}#${part.name}`;
		component.components.add(
			new Models.Component(Enums.ComponentType.Library, part.name, { licenses, bomRef }),
		);
	}
	return component;
}

function library({
	name,
	version,
	licence,
}: Pick<BundledPackage, 'name' | 'version' | 'licence'>): Models.Component {
	const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
	return new Models.Component(Enums.ComponentType.Library, name, {
		version,
		purl,
		bomRef: purl,
		licenses: new Models.LicenseRepository([new Models.SpdxLicense(licence)]),
	});
}
