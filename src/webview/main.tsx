import { render } from 'preact';
import { App } from './app';
import { connectHost } from './hostLink';
import { Summary } from './summary';
import './styles/styles.css';

const link = connectHost();
const page = document.getElementById('page')!;

link.host.call('ready', null).then(
  (start) => {
    const Page = start.layout === 'editor' ? App : Summary;
    render(<Page link={link} start={start} />, page);
  },
  // Nothing has words yet; the host's log says more.
  (error: unknown) => (page.textContent = String(error)),
);
