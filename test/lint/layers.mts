/**
 * The layers of the shipped code, top first. A layer may import the layers in lower rows; layers in the same row
 * must not import each other. docs/architecture.md describes each layer.
 */
export const LAYERS = [
	['nodes/TencentCloudIot/*.node.ts'],
	['nodes/TencentCloudIot/run/**'],
	['nodes/TencentCloudIot/resources/{*.ts,!(operation)/**}'],
	['nodes/TencentCloudIot/editor/**'],
	['credentials/**'],
	['nodes/TencentCloudIot/resources/operation/**', 'nodes/TencentCloudIot/host/**'],
	['nodes/TencentCloudIot/sync/state/**'],
	['nodes/TencentCloudIot/sync/waiting/**'],
	['nodes/TencentCloudIot/sync/lock/**', 'nodes/TencentCloudIot/sync/log/**'],
	['nodes/TencentCloudIot/sync/*.ts', 'nodes/TencentCloudIot/audit/**', 'nodes/TencentCloudIot/probe/**'],
	['nodes/TencentCloudIot/binding/**'],
	['nodes/TencentCloudIot/input/**'],
	['nodes/TencentCloudIot/service/delivery/**'],
	['nodes/TencentCloudIot/service/transport/pool/**', 'nodes/TencentCloudIot/service/transport/host/**'],
	['nodes/TencentCloudIot/service/transport/*.ts'],
	['nodes/TencentCloudIot/service/{*.ts,signing/**,response/**}'],
	['nodes/TencentCloudIot/messages/**'],
	['nodes/TencentCloudIot/tables/**'],
] as const;

/** Files by pattern that may not import others, relative to the top folder. */
interface Zone {
	target: string;
	from: string;
	message: string;
}

const layerNames: string[] = LAYERS.flat();

function layersWithin(folder: string): string[] {
	return layerNames.filter((layer) => layer.startsWith(`nodes/TencentCloudIot/${folder}/`));
}

function zones(targets: readonly string[], froms: readonly string[], message: string): Zone[] {
	return targets.flatMap((target) => froms.map((from) => ({ target, from, message })));
}

function upwards(): Zone[] {
	return LAYERS.flatMap((row, index) =>
		zones(row, LAYERS.slice(0, index).flat(), 'Imports between layers go down only.'),
	);
}

function sideways(): Zone[] {
	return LAYERS.flatMap((row) =>
		row.flatMap((layer) =>
			zones(
				[layer],
				row.filter((other) => other !== layer),
				'Layers in the same row must not import each other.',
			),
		),
	);
}

const transports = [...layersWithin('service/transport/pool'), ...layersWithin('service/transport/host')];
const delivery = 'nodes/TencentCloudIot/service/delivery/**';
const protocol = 'nodes/TencentCloudIot/service/{*.ts,signing/**,response/**}';

/** Forbidden imports, for the rule `import-x/no-restricted-paths`. */
export const ZONES: readonly Zone[] = [
	...upwards(),
	...sideways(),
	...zones(
		[
			...layerNames.filter((layer) => layer !== delivery && !transports.includes(layer)),
			'nodes/TencentCloudIot/service/delivery/{!(openTransport).ts,rate/**}',
		],
		transports,
		'Only openTransport.ts knows how requests travel.',
	),
	...zones(
		['credentials/**'],
		layerNames.filter((layer) => layer !== protocol && !layer.startsWith('credentials/')),
		'A credential knows the protocol only.',
	),
	...zones(
		[
			...layersWithin('service'),
			...layersWithin('binding'),
			...layersWithin('sync'),
			...layersWithin('audit'),
			...layersWithin('probe'),
		],
		['node_modules/{n8n-*,@n8n/*}/**'],
		'Pass what you need of n8n in through an interface.',
	),
	...zones(
		layersWithin('resources/operation'),
		[...layersWithin('sync'), ...layersWithin('audit'), ...layersWithin('probe'), ...layersWithin('binding')],
		'resources/operation/ must not depend on a single operation.',
	),
	...zones(
		['{nodes,credentials}/**'],
		['!(nodes|credentials|node_modules)/**'],
		'Shipped code must not import code that is not shipped.',
	),
	...zones(
		['simulator/**'],
		['{nodes,credentials}/**'],
		'The simulator must not share code, and so bugs, with what it tests.',
	),
];
