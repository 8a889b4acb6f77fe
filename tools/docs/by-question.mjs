// Plugin of typedoc: guides are named by their headings and grouped by question, exports by the folder
// of their source.
import { Comment, CommentTag, Converter, ReflectionKind } from 'typedoc';

const guides = {
  Start: ['getting-started', 'restore-a-photo', 'browser', 'gallery'],
  Choose: [
    'choose-a-task',
    'choose-a-sampler',
    'values-and-units',
    'memory-and-backends',
    'backends',
  ],
  'Bring your own': ['write-an-operator', 'bring-your-model', 'write-a-sampler'],
  Help: ['troubleshooting', 'faq', 'limits'],
  Understand: ['theory', 'design-notes', 'model-card'],
  Measure: ['metrics', 'evaluate', 'results', 'posterior'],
};
const order = Object.values(guides).flat();
const groupOf = (name) =>
  Object.keys(guides).find((group) => guides[group].includes(name)) ?? 'Understand';

const packages = {
  index: 'spgd',
  'browser/index': 'spgd/browser',
  browser: 'spgd/browser',
  'node/index': 'spgd/node',
  node: 'spgd/node',
  'tasks/index': 'spgd/tasks',
  tasks: 'spgd/tasks',
  'models/convert/index': 'spgd/convert',
  'models/convert': 'spgd/convert',
  convert: 'spgd/convert',
};

const categories = {
  internal: 'Operators',
  operators: 'Operators',
  'operators/noise': 'Noise',
  schedulers: 'Schedules',
  samplers: 'Samplers',
  models: 'Priors',
  'models/convert': 'Converters',
  metrics: 'Metrics',
  node: 'Node',
  browser: 'Browser',
  tasks: 'Tasks',
};

/** The category of a source file: that of its folder, or of the folder above. */
function categoryOf(file) {
  const path = file
    .replace(/^src\//, '')
    .split('/')
    .slice(0, -1);
  for (; path.length > 0; path.pop())
    if (categories[path.join('/')]) return categories[path.join('/')];
  return 'Priors';
}

/** Where each guide stands, by the heading that becomes its name. */
const places = new Map();

function nameGuide(document) {
  document.frontmatter.group = groupOf(document.name);
  const place = order.indexOf(document.name);
  document.name = /^# (.*)\n/.exec(document.content[0].text)?.[1] ?? document.name;
  places.set(document.name, place < 0 ? order.length : place);
}

const tagged = (reflection, tag, text) => {
  reflection.comment ??= new Comment();
  reflection.comment.blockTags.push(new CommentTag(tag, [{ kind: 'text', text }]));
};

function categorize(project, reflection) {
  const file = project.getSymbolIdFromReflection(reflection)?.packagePath;
  if (!file) return;
  tagged(reflection.signatures?.[0] ?? reflection, '@category', categoryOf(file));
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const document of project.getReflectionsByKind(ReflectionKind.Document))
      nameGuide(document);
    for (const module of project.children ?? []) {
      module.name = packages[module.name] ?? module.name;
      tagged(module, '@group', 'Reference');
      for (const child of module.children ?? []) categorize(project, child);
    }
  });
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      for (const { children } of project.groups ?? [])
        children.sort((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0));
    },
    -1000,
  );
}
