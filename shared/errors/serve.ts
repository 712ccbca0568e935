import type { Text } from '../text';

/** Of the browser door and of what an opened page may ask for. */
export const serveErrors = {
  'serve.port-in-use': {
    en: 'Port {port} on {host} is used by another program. Choose another one with --port, or leave the option out for a free one.',
    ru: 'Порт {port} на {host} занят другой программой. Укажите другой через --port или не указывайте вовсе: будет взят свободный.',
  },
  'serve.address-refused': {
    en: 'The system does not allow listening on {host}, port {port} ({reason}). Choose another address or a port above 1023.',
    ru: 'Система не разрешает принимать соединения на {host}, порт {port} ({reason}). Выберите другой адрес или порт больше 1023.',
  },
  'serve.remote-refused': {
    en: 'The address {host} can be reached from other machines: anyone who learns the token could read and write your files. Use 127.0.0.1 with an SSH tunnel, or add --allow-remote if that is what you want.',
    ru: 'Адрес {host} доступен с других машин: узнавший токен сможет читать и менять ваши файлы. Используйте 127.0.0.1 и туннель SSH или добавьте --allow-remote, если это намеренно.',
  },
  'serve.page-missing': {
    en: 'The built page was not found in {folder}. Run "npm run build" and start again.',
    ru: 'Собранная страница не найдена в {folder}. Выполните «npm run build» и запустите снова.',
  },
  'serve.not-signed-in': {
    en: 'This page needs the last address printed by "deltalab serve", with its token; each one signs in one browser. Copy the whole address from the terminal and open it.',
    ru: 'Откройте последний адрес, который напечатала команда «deltalab serve», целиком, вместе с токеном: каждый впускает один браузер. Скопируйте его из терминала.',
  },
  'serve.foreign-request': {
    en: 'The request was refused: it came from another site or under another host name. Open the lab by the address printed in the terminal.',
    ru: 'Запрос отклонён: он пришёл с другого сайта или на другое имя узла. Откройте лабораторию по адресу, напечатанному в терминале.',
  },
  'serve.upload-too-large': {
    en: 'The file {file} is larger than {limit} bytes, the most an upload may have. Copy it to the machine of the lab and import it by its path.',
    ru: 'Файл {file} больше {limit} байт — предела для загрузки через браузер. Скопируйте его на машину лаборатории и импортируйте по пути.',
  },
  'serve.upload-failed': {
    en: 'The file {file} could not be received: {reason}. Nothing was kept; try again.',
    ru: 'Файл {file} не удалось принять: {reason}. Ничего не сохранено; повторите попытку.',
  },
  'serve.not-found': {
    en: 'There is nothing at {path}. Export the model again, or reload the page.',
    ru: 'По адресу {path} ничего нет. Экспортируйте модель ещё раз или обновите страницу.',
  },
  'serve.busy': {
    en: 'More than {limit} requests of this page are waiting. Wait until they are answered, then repeat "{call}".',
    ru: 'Больше {limit} запросов этой страницы ждут ответа. Дождитесь ответов и повторите «{call}».',
  },
  'page.crashed': {
    en: 'The page ended twice in a row ({reason}). Your work is saved; start Deltalab again.',
    ru: 'Страница аварийно закрылась дважды подряд ({reason}). Ваша работа сохранена; запустите Deltalab снова.',
  },
} satisfies Record<string, Text>;
