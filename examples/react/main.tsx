import { createRoot } from 'react-dom/client';
import { PhotoDenoiser } from './photo-denoiser';

createRoot(document.getElementById('root')!).render(<PhotoDenoiser model="light/model.json" />);
